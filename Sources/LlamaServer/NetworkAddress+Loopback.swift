extension NetworkAddress {
    /// Whether nothing but this machine reaches it, as far as its text says.
    public var isLoopback: Bool {
        if host == "localhost" || host == "::1" || socketPath != nil { return true }
        // RFC 1122 3.2.1.3: all of 127/8. A name may begin so, too.
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
    }
}
