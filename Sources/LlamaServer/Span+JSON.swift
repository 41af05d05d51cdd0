extension Span<UInt8> {
    /// How many backslashes stand in a row in front of `end`, those before `start` left out.
    borrowing func backslashes(before end: Int, downTo start: Int) -> Int {
        var count = 0
        while end - count > start, self[end - count - 1] == UInt8(ascii: "\\") { count += 1 }
        return count
    }

    /// Where a string ends that has begun in front of `start`: its closing quote, or nil if there is none.
    borrowing func closingQuote(from start: Int) -> Int? {
        var from = start
        while let quote = index(of: UInt8(ascii: "\""), from: from) {
            if backslashes(before: quote, downTo: start).isMultiple(of: 2) { return quote }
            from = quote + 1
        }
        return nil
    }
}

extension UInt8 {
    var isJSONSpace: Bool {
        self == UInt8(ascii: " ") || self == UInt8(ascii: "\n") || self == UInt8(ascii: "\r")
            || self == UInt8(ascii: "\t")
    }

    var hexDigit: UInt32? {
        switch self {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(self - UInt8(ascii: "0"))
        case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt32(self - UInt8(ascii: "a") + 10)
        case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt32(self - UInt8(ascii: "A") + 10)
        default: nil
        }
    }
}
