public import AccessControl
public import LlamaServer
public import RequestRecords
public import TransportSecurity
public import Usage

/// What an operator can set about the data plane.
public struct ReverseProxyConfiguration: Sendable {
    /// Where clients connect. Port 0 takes any free one.
    public var address: NetworkAddress
    /// What it shows of itself to clients, which speak TLS then; nil: they speak plain HTTP.
    public var certificates: ListenerCertificates?
    /// What may be spoken over TLS, by the names that it has there (RFC 7301 6).
    public static let protocols = ["h2", "http/1.1"]
    /// Whether clients may speak HTTP/2 without TLS, as those do that know that they may ("prior knowledge", RFC 9113 3.3). With
    /// TLS, what is spoken is agreed on.
    public var speaksHTTP2WithoutTLS = false
    /// Where Envoys ask where requests go. Port 0 takes any free one; nil: nowhere.
    public var picker: NetworkAddress?
    /// What that shows of itself to Envoys, which speak TLS then; nil: they speak plain HTTP/2.
    public var pickerCertificates: ListenerCertificates?
    /// What may be spoken there over TLS.
    public static let pickerProtocols = ["h2"]
    /// Whether other processes of the same user may listen there, too.
    public var sharesPort = false
    /// The largest request body accepted, in bytes; a larger one is answered 413. From 0 to ``largestBodyBytes``: a value
    /// outside is taken for the nearest.
    public var maximumBodyBytes = 64 << 20 {
        didSet { maximumBodyBytes = min(max(maximumBodyBytes, 0), Self.largestBodyBytes) }
    }
    /// What ``maximumBodyBytes`` may be at most, in bytes: a message is one buffer, which can't be larger than 4 GiB.
    public static let largestBodyBytes = 2 << 30
    /// The most bytes of requests held at one time, heads and bodies, over all that are being received, wait or have not
    /// had the first byte of their answer. A request beyond it is answered 429; one of the largest size always fits.
    public var maximumBufferedBytes = 512 << 20
    /// The fewest bytes a second of a body that comes in, looked at over ``ProxyTimeouts/requestBody``; a slower one is
    /// answered 408. 0: none is too slow.
    public var minimumBodyRate = standardBodyRate
    /// As Apache's `mod_reqtimeout`: speech that is sent while it is recorded comes at no less.
    public static let standardBodyRate = 500
    /// The most connections of clients that are served at one time; more are answered 503 and closed.
    public var maximumConnections = Int.max
    /// How many more may be open while they are told so; those beyond are reset.
    public static let maximumRefusedConnections = 128
    public var timeouts = ProxyTimeouts()
    /// How often a request that needs no slot and may have been executed is sent at most, if its method is idempotent; at
    /// least 1. For those that need one it is the scheduler's `maximumAttempts`.
    public var maximumAttemptsAfterSend = 2
    /// After how long a silence, in the queue too, a client that asked for a stream is sent a comment, and then again and
    /// again; nil: never. Proxies and browsers give a silent connection up after a minute.
    public var keepAliveAfter: Duration? = .seconds(10)
    /// Whether streamed chats that wait for a model to be loaded are told how that goes, as if the model thought it.
    public var tellsLoading = false
    /// Whether an upstream sees its own address as `Host`, as its agent named it, instead of what the client sent.
    public var rewritesHostHeader = false
    /// The key put on requests to upstreams that have none of their own; nil: what the client sends is passed on.
    public var upstreamAPIKey: String?
    /// A PEM file of certificates to trust, beside the system's, for upstreams that are spoken to by TLS.
    public var upstreamCAFile: String?
    /// Who is let in.
    public var clientKeys = KeyRing.open
    /// Who is somebody in particular by their key; nil: nobody. Whoever is let in by one of ``clientKeys`` is then
    /// ``TenantDirectory/usual``.
    public var tenants: TenantRing?
    /// Numbers for clients' addresses, if those are to be told apart where there are no tenants; nil: they aren't.
    public var addressTenants: SharedAddressTenants?
    /// Endpoints that are reached only if the operator wants it.
    public var openEndpoints: Set<GuardedEndpoint> = []
    /// Who shows one of these in `X-Paddler-Trace` is told the upstream that answered, in `X-Paddler-Upstream`.
    public var traceKeys = KeySet([])
    /// Whether all answers of servers say in `X-Paddler-Upstream` and `X-Paddler-Reason` which one it was and why; if not, those
    /// of requests that ask for it by `X-Paddler-Explain`.
    public var explainsAnswers = false
    /// Where a line is written for each request that ended; nil: nowhere.
    public var accessLog: AccessLog?
    /// Where it is counted what each tenant got; nil: nowhere.
    public var usage: UsageStore?
    /// Where the requests go that are traced when they have ended; nil: none is.
    public var tracedRequests: TracedRequests?
    /// Whether answers say in `Server-Timing` how long their requests waited.
    public var tellsServerTiming = false
    /// Where heads name sessions, for ``Balance/session``.
    public var sessionNaming = SessionNaming.standard

    /// The proxies in front whose `X-Forwarded-For` and the like are believed and continued; those of others are replaced.
    public var trustedProxies = TrustedProxies.loopback
    /// Whether each connection has to be one of these proxies, and begin with a header of the PROXY protocol that says whose it
    /// is.
    public var expectsProxyHeader = false

    public init(address: NetworkAddress) {
        self.address = address
    }
}
