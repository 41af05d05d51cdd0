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
            guard let next = IPAddress(text.filter { $0 != " " }) else { break }
            client = next
            guard contains(next) else { break }
        }
        return client
    }
}
