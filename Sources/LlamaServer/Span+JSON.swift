private import CByteMasks

extension Span<UInt8> {
    /// How many backslashes stand in a row in front of `end`, those before `start` left out.
    borrowing func backslashes(before end: Int, downTo start: Int) -> Int {
        var count = 0
        while end - count > start, self[end - count - 1] == UInt8(ascii: "\\") { count += 1 }
        return count
    }

    /// Where a string ends that has begun in front of `start`: its closing quote, or nil if there is none.
    borrowing func closingQuote(from start: Int) -> Int? {
        guard start < count else { return nil }
        return withUnsafeBytes { bytes in
            var escapes = EscapedBytes()
            var offset = start
            while bytes.count - offset >= 64 {
                // Within the buffer: 64 bytes of it are left.
                let block = bytes.baseAddress! + offset
                let quotes = paddler_mask_of_equal_bytes(block, UInt8(ascii: "\""))
                let closing =
                    quotes & ~escapes.next(backslashes: paddler_mask_of_equal_bytes(block, UInt8(ascii: "\\")))
                if closing != 0 { return offset + closing.trailingZeroBitCount }
                offset += 64
            }
            var isEscaped = escapes.continues
            while offset < bytes.count {
                let byte = bytes[offset]
                if byte == UInt8(ascii: "\""), !isEscaped { return offset }
                isEscaped = byte == UInt8(ascii: "\\") && !isEscaped
                offset += 1
            }
            return nil
        }
    }
}

/// Which bytes of a string are escaped by a backslash, 64 at a time: a bit for each, the lowest for the first.
private struct EscapedBytes {
    /// Whether the first byte of the next block is escaped.
    private(set) var continues = false

    private static let even: UInt64 = 0x5555_5555_5555_5555

    /// - Returns: of the bytes that are no backslashes those that are escaped.
    mutating func next(backslashes: UInt64) -> UInt64 {
        let first: UInt64 = continues ? 1 : 0
        let backslashes = backslashes & ~first
        guard backslashes != 0 else {
            continues = false
            return first
        }
        // Behind a run of backslashes a byte is escaped if the run is odd. Added to the run, its first bit carries to the bit
        // behind it: odd runs are those that begin at an even place and end before an odd one, or the other way round.
        let starts = backslashes & ~(backslashes << 1)
        let fromEven = backslashes &+ (starts & Self.even)
        let (fromOdd, isOddAtEnd) = backslashes.addingReportingOverflow(starts & ~Self.even)
        continues = isOddAtEnd
        let odd = fromEven & ~Self.even | fromOdd & Self.even
        return odd & ~backslashes | first
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
