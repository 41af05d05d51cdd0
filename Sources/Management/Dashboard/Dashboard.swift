public import LlamaServer

/// What the dashboard needs of the rest of the balancer to try the reverse proxy.
public struct Dashboard: Sendable {
    /// Where the reverse proxy listens; nil: not yet.
    let reverseProxy: @Sendable () -> NetworkAddress?
    /// With which the reverse proxy tells the dashboard, and nobody else, which upstream answered. A secret of this
    /// process.
    public let traceKey: String

    public init(reverseProxy: @escaping @Sendable () -> NetworkAddress?) {
        self.reverseProxy = reverseProxy
        traceKey = Door.randomID()
    }
}
