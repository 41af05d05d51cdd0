extension TrustedProxies {
    /// Who has asked.
    ///
    /// - Parameters:
    ///   - forwardedFor: what `X-Forwarded-For` says, all lines of it with commas between them.
    ///   - peer: at the other end of the connection.
    public func client(of forwardedFor: String, at peer: IPAddress) -> IPAddress {
        var client = peer
        guard contains(peer) else { return client }
        // Each proxy appends whom it was asked by; what stands before the first that isn't trusted is anybody's word.
        for text in forwardedFor.split(separator: ",").reversed() {
            guard let next = Self.address(text) else { break }
            client = next
            guard contains(next) else { break }
        }
        return client
    }

    /// Some proxies write a port behind it.
    private static func address(_ text: Substring) -> IPAddress? {
        let text = text.filter { $0 != " " && $0 != "\t" }
        if let address = IPAddress(text) { return address }
        if text.hasPrefix("[") { return IPAddress(text.dropFirst().prefix { $0 != "]" }) }
        return IPAddress(text.prefix { $0 != ":" })
    }
}
