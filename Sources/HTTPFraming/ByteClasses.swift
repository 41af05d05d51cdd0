// Hot: runs for every byte of a head.

/// Characters of the grammar, for other modules, too. Sets are two words rather than a table, because constants need no look-up of a lazily
/// made global.
extension UInt8 {
    @inlinable package static var tab: UInt8 { 0x09 }
    static var lineFeed: UInt8 { 0x0A }
    static var carriageReturn: UInt8 { 0x0D }
    @inlinable package static var space: UInt8 { 0x20 }

    /// `tchar`, RFC 9110 5.6.2.
    @inlinable @inline(__always)
    package var isToken: Bool {
        isMember(0x03FF_6CFA_0000_0000, 0x57FF_FFFF_C7FF_FFFE)
    }

    /// `unreserved` or `sub-delims`, RFC 3986 2.2 and 2.3.
    @inline(__always)
    var isRegisteredName: Bool {
        isMember(0x2BFF_7FD2_0000_0000, 0x47FF_FFFE_87FF_FFFE)
    }

    /// What may stand in a request target: visible ASCII without `#`. Wider than RFC 3986, which leaves `"<>\^{|}` and
    /// the backtick out: clients send them, and nothing here gives them a meaning.
    @inlinable @inline(__always)
    package var isTarget: Bool {
        self > 0x20 && self < 0x7F && self != UInt8(ascii: "#")
    }

    /// What may not stand inside a line: all control characters but HTAB, RFC 9110 5.5. (Obs-text may.)
    @inlinable @inline(__always)
    package var isForbiddenInLine: Bool {
        (self < 0x20 && self != .tab) || self == 0x7F
    }

    /// `OWS`, RFC 9110 5.6.3.
    @inlinable @inline(__always)
    package var isWhitespace: Bool {
        self == .space || self == .tab
    }

    @inlinable @inline(__always)
    package var isDigit: Bool {
        self &- UInt8(ascii: "0") < 10
    }

    /// 0 to 15, or nil for what is no hexadecimal digit.
    @inline(__always)
    var hexValue: UInt8? {
        if isDigit { return self &- UInt8(ascii: "0") }
        let letter = (self | 0x20) &- UInt8(ascii: "a")
        return letter < 6 ? letter &+ 10 : nil
    }

    @inlinable @inline(__always)
    package func isMember(_ low: UInt64, _ high: UInt64) -> Bool {
        let word = self < 64 ? low : high
        return self < 128 && (word &>> UInt64(self & 63)) & 1 == 1
    }
}
