import AccessControl

/// Who is at the other end of a client's connection.
struct ClientPeer {
    /// nil: none is known.
    let address: IPAddress?
    /// Empty: it has none.
    let name: String
    /// As it stands in `X-Forwarded-For`.
    let forwardedFor: [UInt8]
    /// Whether it is a proxy in front of us whose word on its clients counts.
    let isTrustedProxy: Bool

    static let unknown = ClientPeer(at: nil, trusting: TrustedProxies([]))

    init(at address: IPAddress?, trusting proxies: TrustedProxies) {
        self.address = address
        name = address.map { "\($0)" } ?? ""
        forwardedFor = Array((address == nil ? "unknown" : name).utf8)
        isTrustedProxy = address.map(proxies.contains) ?? false
    }
}
