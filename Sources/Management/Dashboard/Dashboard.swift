public import LlamaServer

/// What the dashboard needs of the rest of the balancer to try the reverse proxy.
public struct Dashboard: Sendable {
    /// Where the reverse proxy listens; nil: not yet.
    let reverseProxy: @Sendable () -> NetworkAddress?
    /// Whether it speaks TLS.
    let isReverseProxySecure: Bool
    /// With which the reverse proxy tells the dashboard, and nobody else, which upstream answered. A secret of this
    /// process.
    public let traceKey: String

    /// Chats at one time, of all who look at it.
    public static let maximumChats = 256
    let chats = ChatPlaces()

    public init(isReverseProxySecure: Bool = false, reverseProxy: @escaping @Sendable () -> NetworkAddress?) {
        self.reverseProxy = reverseProxy
        self.isReverseProxySecure = isReverseProxySecure
        traceKey = Door.randomID()
    }
}
