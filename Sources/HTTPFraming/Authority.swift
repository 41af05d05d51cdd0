// Hot: runs for every request.

extension Span<UInt8> {
    /// Whether `range` is `uri-host [ ":" port ]`, RFC 9110 4.2 and 7.2. No user name: RFC 9110 4.2.4.
    /// - Parameter allowsEmpty: for `Host`, which is empty when the target has no authority, RFC 9112 3.2.
    func isAuthority(_ range: Range<Int>, allowsEmpty: Bool) -> Bool {
        guard let first = first(in: range) else { return allowsEmpty }
        let host = first == UInt8(ascii: "[") ? endOfIPLiteral(in: range) : endOfRegisteredName(in: range)
        guard let host, host > range.lowerBound else { return false }
        return isEmptyOrPort(host..<range.upperBound)
    }

    private func first(in range: Range<Int>) -> UInt8? {
        range.isEmpty ? nil : self[range.lowerBound]
    }

    /// An IPv4 address is one by its looks, too. The `%` must be the start of an encoded byte.
    private func endOfRegisteredName(in range: Range<Int>) -> Int? {
        var offset = range.lowerBound
        while offset < range.upperBound {
            if self[offset].isRegisteredName {
                offset &+= 1
            } else if self[offset] == UInt8(ascii: "%") {
                guard offset &+ 2 < range.upperBound else { return nil }
                guard self[offset &+ 1].hexValue != nil, self[offset &+ 2].hexValue != nil else { return nil }
                offset &+= 3
            } else {
                break
            }
        }
        return offset
    }

    /// The shape of `IP-literal`, RFC 3986 3.2.2: what is between the brackets is for who connects to it.
    private func endOfIPLiteral(in range: Range<Int>) -> Int? {
        var offset = range.lowerBound &+ 1
        while offset < range.upperBound, self[offset].isRegisteredName || self[offset] == UInt8(ascii: ":") {
            offset &+= 1
        }
        guard offset < range.upperBound, self[offset] == UInt8(ascii: "]") else { return nil }
        guard offset > range.lowerBound &+ 1 else { return nil }
        return offset &+ 1
    }

    private func isEmptyOrPort(_ range: Range<Int>) -> Bool {
        guard let colon = first(in: range) else { return true }
        guard colon == UInt8(ascii: ":") else { return false }
        for offset in range.dropFirst() where !self[offset].isDigit { return false }
        return true
    }
}
