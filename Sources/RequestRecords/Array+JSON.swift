import PrintableText

extension [UInt8] {
    /// - Parameter digits: at least so many, up to 20; zeros stand in front.
    package mutating func writeDecimal(_ number: UInt64, digits: Int = 1) {
        // Of 64 bits.
        let most = 20
        withUnsafeTemporaryAllocation(byteCount: most, alignment: 1) { room in
            var start = most
            var rest = number
            repeat {
                let (quotient, digit) = rest.quotientAndRemainder(dividingBy: 10)
                start -= 1
                room[start] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: digit)
                rest = quotient
            } while rest > 0 || most - start < digits
            append(contentsOf: UnsafeRawBufferPointer(rebasing: room[start...]))
        }
    }

    /// 16 digits.
    package mutating func writeHex(_ number: UInt64) {
        withUnsafeTemporaryAllocation(byteCount: 16, alignment: 1) { room in
            for place in 0..<16 { room[place] = Self.digit(number >> UInt64(60 - 4 * place)) }
            append(contentsOf: UnsafeRawBufferPointer(room))
        }
    }

    /// With quotation marks.
    ///
    /// - Parameter longest: in characters; a longer text is cut.
    package mutating func writeText(_ text: some StringProtocol, most longest: Int) {
        append(UInt8(ascii: "\""))
        let isPlain = text.utf8.withContiguousStorageIfAvailable { utf8 in
            guard utf8.count <= longest, utf8.allSatisfy(Self.isPlain) else { return false }
            append(contentsOf: utf8)
            return true
        }
        if isPlain != true { writeEscaped(text, most: longest) }
        append(UInt8(ascii: "\""))
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        0x20...0x7E ~= byte && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\")
    }

    private mutating func writeEscaped(_ text: some StringProtocol, most longest: Int) {
        var count = 0
        for scalar in text.unicodeScalars {
            guard count < longest else { return append(contentsOf: "…".utf8) }
            count += 1
            writeEscaped(scalar)
        }
    }

    /// RFC 8259 7: quotation mark, backslash and everything below U+0020 must be escaped. What isn't seen is escaped, too,
    /// for those who look at the lines in a terminal.
    private mutating func writeEscaped(_ scalar: Unicode.Scalar) {
        switch scalar {
        case "\"": append(contentsOf: #"\""#.utf8)
        case "\\": append(contentsOf: #"\\"#.utf8)
        case _ where scalar.isPrintable: append(contentsOf: String(scalar).utf8)
        // Two units beyond the basic plane.
        default: for unit in String(scalar).utf16 { writeEscape(unit) }
        }
    }

    private mutating func writeEscape(_ unit: UInt16) {
        append(contentsOf: #"\u"#.utf8)
        for shift in stride(from: 12, through: 0, by: -4) { append(Self.digit(UInt64(unit) >> UInt64(shift))) }
    }

    private static func digit(_ number: UInt64) -> UInt8 {
        let digit = UInt8(number & 15)
        return digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10
    }
}
