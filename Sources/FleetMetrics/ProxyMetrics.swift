public import LlamaServer

/// What the data plane has counted since it started. Each event loop counts for itself; ``add(_:)`` sums up.
public struct ProxyMetrics: Equatable, Sendable {
    public var clientsConnected = 0
    public var clientsAccepted = 0
    /// Of those: beyond the limit of connections.
    public var clientsRefused = 0
    /// Of those that are to speak TLS: how their handshakes ended.
    public var handshakes: [TLSHandshakeResult: Int] = [:]
    /// Connections on which clients spoke HTTP/2.
    public var http2Connections = 0
    /// Of those: ended because their clients broke the rules or went beyond a limit.
    public var http2ConnectionsBroken = 0
    /// Connections of Envoys that ask the endpoint picker, now.
    public var envoysConnected = 0
    /// How often an Envoy was told where an attempt at a request goes.
    public var picks = 0
    /// Attempts that failed by an Envoy's word, before the first byte of an answer.
    public var picksFailed = 0
    public var bytesFromClients = 0
    public var bytesToClients = 0
    /// Answers that the balancer gave itself, by status.
    public var ownAnswers: [Int: Int] = [:]
    /// What was waited for in vain, for as long as its limit allows.
    public var timeouts: [Wait: Int] = [:]
    /// Comments that told waiting clients that they aren't forgotten.
    public var keepAlives = 0
    /// Requests whose server ended before a byte of their answer came, and that were sent nowhere else.
    public var diedWithServer = 0
    /// How long requests waited for a slot, those that found one at once included.
    public var queueWait = Histogram(.latency)
    /// By address. Those of upstreams that are unknown by now are left out, and counted in ``former``.
    public var upstreams: [NetworkAddress: UpstreamMetrics] = [:]
    /// The sum over upstreams that are no more, so that the fleet's totals never fall.
    public var former = UpstreamMetrics()

    public init() {}

    public mutating func add(_ other: ProxyMetrics) {
        clientsConnected += other.clientsConnected
        clientsAccepted += other.clientsAccepted
        clientsRefused += other.clientsRefused
        handshakes.merge(other.handshakes) { $0 + $1 }
        http2Connections += other.http2Connections
        http2ConnectionsBroken += other.http2ConnectionsBroken
        envoysConnected += other.envoysConnected
        picks += other.picks
        picksFailed += other.picksFailed
        bytesFromClients &+= other.bytesFromClients
        bytesToClients &+= other.bytesToClients
        ownAnswers.merge(other.ownAnswers) { $0 + $1 }
        timeouts.merge(other.timeouts) { $0 + $1 }
        keepAlives += other.keepAlives
        diedWithServer += other.diedWithServer
        queueWait.add(other.queueWait)
        for (address, metrics) in other.upstreams { upstreams[address, default: UpstreamMetrics()].add(metrics) }
        former.add(other.former)
    }

    /// Over all upstreams, those that are no more included.
    public var fleet: UpstreamMetrics {
        var sum = former
        for metrics in upstreams.values { sum.add(metrics) }
        return sum
    }
}
