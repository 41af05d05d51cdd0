extension IPAddress {
    /// What one party can be expected to have: an IPv4 address, or all IPv6 addresses that share their first 64 bits
    /// (RFC 6177: no customer has less).
    public var network: IPAddress {
        isIPv4 ? self : IPAddress(high: high, low: 0)
    }

    private init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }
}
