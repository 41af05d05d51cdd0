// Hot: runs for every byte of a head.

extension Span<UInt8> {
    /// The first byte of `start..<end` that may not stand inside a line; `end` when there is none.
    ///
    /// Eight bytes at a time: a head's bytes are nearly all harmless, and this is the only look at most of them.
    @inline(__always)
    func firstForbiddenInLine(from start: Int, to end: Int) -> Int {
        var offset = start
        let raw = bytes
        while offset &+ 8 <= end {
            let word = UInt64(littleEndian: raw.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self))
            let delete = word ^ 0x7F7F_7F7F_7F7F_7F7F
            // The high bit of each byte that is below 0x20, or 0x7F. A borrow can also set it in a byte above one of
            // those, and HTAB is below 0x20 too: so each is looked at.
            let belowSpace = (word &- 0x2020_2020_2020_2020) & ~word
            let isDelete = (delete &- 0x0101_0101_0101_0101) & ~delete
            var suspects = (belowSpace | isDelete) & 0x8080_8080_8080_8080
            while suspects != 0 {
                let suspect = offset &+ suspects.trailingZeroBitCount &>> 3
                if self[suspect].isForbiddenInLine { return suspect }
                suspects &= suspects &- 1
            }
            offset &+= 8
        }
        while offset < end {
            if self[offset].isForbiddenInLine { return offset }
            offset &+= 1
        }
        return end
    }

    /// The first colon of `range`; its end when there is none. Eight bytes at a time, too.
    @inline(__always)
    package func firstColon(in range: Range<Int>) -> Int {
        var offset = range.lowerBound
        let raw = bytes
        while offset &+ 8 <= range.upperBound {
            let word = UInt64(littleEndian: raw.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self))
            let colons = word ^ 0x3A3A_3A3A_3A3A_3A3A
            // The high bit of each byte that is 0. A borrow can set others, but only above the first.
            let found = (colons &- 0x0101_0101_0101_0101) & ~colons & 0x8080_8080_8080_8080
            if found != 0 { return offset &+ found.trailingZeroBitCount &>> 3 }
            offset &+= 8
        }
        while offset < range.upperBound, self[offset] != UInt8(ascii: ":") { offset &+= 1 }
        return offset
    }

    /// Where the CR of a line of a well-formed head is.
    package func endOfLine(from start: Int) -> Int {
        var offset = start
        while self[offset] != .carriageReturn { offset &+= 1 }
        return offset
    }

    /// `range` without the whitespace at its ends.
    @inline(__always)
    package func trimmed(_ range: Range<Int>) -> Range<Int> {
        var lower = range.lowerBound
        var upper = range.upperBound
        while lower < upper, self[lower].isWhitespace { lower &+= 1 }
        while lower < upper, self[upper &- 1].isWhitespace { upper &-= 1 }
        return lower..<upper
    }

    /// The end of the token that starts at `start`; `start` itself when there is none.
    @inline(__always)
    func endOfToken(from start: Int, to end: Int) -> Int {
        var offset = start
        while offset < end, self[offset].isToken { offset &+= 1 }
        return offset
    }

    func equals(_ range: Range<Int>, _ expected: StaticString) -> Bool {
        guard range.count == expected.utf8CodeUnitCount else { return false }
        for index in 0..<range.count where self[range.lowerBound &+ index] != expected.utf8Start[index] {
            return false
        }
        return true
    }

    /// - Parameters:
    ///   - range: bytes without control characters.
    ///   - lowercase: lower-case letters, digits and `-/:` only, so that no other allowed byte is taken for one of them
    ///     when its bit 0x20 is set.
    @inline(__always)
    func equalsIgnoringCase(_ range: Range<Int>, _ lowercase: StaticString) -> Bool {
        guard range.count == lowercase.utf8CodeUnitCount else { return false }
        let raw = bytes
        let expected = UnsafeRawPointer(lowercase.utf8Start)
        var index = 0
        while index &+ 8 <= range.count {
            let word = raw.unsafeLoadUnaligned(fromByteOffset: range.lowerBound &+ index, as: UInt64.self)
            let other = expected.loadUnaligned(fromByteOffset: index, as: UInt64.self)
            guard word | 0x2020_2020_2020_2020 == other else { return false }
            index &+= 8
        }
        while index < range.count {
            guard self[range.lowerBound &+ index] | 0x20 == lowercase.utf8Start[index] else { return false }
            index &+= 1
        }
        return true
    }

    /// Whether two ranges hold the same token, whatever the case of its letters.
    func tokensMatch(_ left: Range<Int>, _ right: Range<Int>) -> Bool {
        guard left.count == right.count else { return false }
        for index in 0..<left.count
        where self[left.lowerBound + index].lowercased != self[right.lowerBound + index].lowercased {
            return false
        }
        return true
    }
}

extension UInt8 {
    @inlinable
    package var lowercased: UInt8 {
        self &- UInt8(ascii: "A") < 26 ? self | 0x20 : self
    }
}
