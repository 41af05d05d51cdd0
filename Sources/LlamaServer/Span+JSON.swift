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
        while let quote = nextQuote(from: from) {
            if quote == start || self[quote - 1] != UInt8(ascii: "\\")
                || backslashes(before: quote, downTo: start).isMultiple(of: 2)
            {
                return quote
            }
            from = quote + 1
        }
        return nil
    }

    /// Text that quotes code has one every few bytes, for which a call of `memchr` takes longer than the search itself.
    @inline(__always)
    private borrowing func nextQuote(from start: Int) -> Int? {
        let raw = bytes
        var offset = start
        let end = Swift.min(start + Self.nearby, raw.byteCount - 8)
        while offset <= end {
            let word = UInt64(littleEndian: raw.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self))
            let different = word ^ 0x2222_2222_2222_2222
            let equal = (different &- 0x0101_0101_0101_0101) & ~different & 0x8080_8080_8080_8080
            if equal != 0 { return offset + equal.trailingZeroBitCount / 8 }
            offset += 8
        }
        return index(of: UInt8(ascii: "\""), from: offset)
    }

    /// In bytes.
    private static var nearby: Int { 64 }
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
