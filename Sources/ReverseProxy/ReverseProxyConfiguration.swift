public import AccessControl
public import LlamaServer

/// What an operator can set about the data plane.
public struct ReverseProxyConfiguration: Sendable {
    /// Where clients connect. Port 0 takes any free one.
    public var address: NetworkAddress
    /// The largest request body accepted, in bytes; a larger one is answered 413.
    public var maximumBodyBytes = 64 << 20
    /// The most bytes of request bodies held at one time, over all requests that are being received, wait or have not
    /// had the first byte of their answer. A request beyond it is answered 429.
    public var maximumBufferedBytes = 512 << 20
    /// How long a client may take to send a request's head, from its first byte on; then it is answered 408.
    public var requestHeadTimeout: Duration = .seconds(10)
    /// How long a client may pause while it sends a body, which is held meanwhile; then it is answered 408.
    public var requestBodyIdleTimeout: Duration = .seconds(30)
    /// How long a connection to an upstream may take to open.
    public var connectTimeout: Duration = .seconds(2)
    /// How long an upstream connection may lie idle before it is closed. llama-server closes at 5 s: being earlier
    /// keeps requests from being sent into a connection that is about to end.
    public var upstreamIdleLimit: Duration = .seconds(4)
    /// Whether an upstream sees its own address as `Host`, as its agent named it, instead of what the client sent.
    public var rewritesHostHeader = false
    /// The key put on requests to upstreams that have none of their own; nil: what the client sends is passed on.
    public var upstreamAPIKey: String?
    /// A PEM file of certificates to trust, beside the system's, for upstreams that are spoken to by TLS.
    public var upstreamCAFile: String?
    /// Who is let in.
    public var clientKeys = KeyRing.open
    /// Endpoints that are reached only if the operator wants it.
    public var openEndpoints: Set<GuardedEndpoint> = []
    /// Who shows one of these in `X-Paddler-Trace` is told the upstream that answered, in `X-Paddler-Upstream`.
    public var traceKeys = KeySet([])
    /// How long queued requests and running answers get to end after a graceful stop began.
    public var shutdownTimeout: Duration = .seconds(30)

    public init(address: NetworkAddress) {
        self.address = address
    }
}
