public import LlamaServer

/// What an operator can set about a balancer.
public struct BalancerConfiguration: Sendable {
    /// Where agents and operators connect. Port 0 takes any free one.
    public var management = NetworkAddress(host: "127.0.0.1", port: 8085)
    /// Where clients connect. Port 0 takes any free one.
    public var reverseProxy = NetworkAddress(host: "127.0.0.1", port: 8086)
    /// How many requests may wait for a slot; 0 lets none wait.
    public var maximumQueued = 1024
    /// How long a request waits for a slot at most. It bounds the wait alone, never a running answer.
    public var queueTimeout: Duration = .seconds(60)
    /// The largest request body accepted, in bytes.
    public var maximumBodyBytes = 64 << 20
    /// The most bytes of request bodies held at one time.
    public var maximumBufferedBytes = 512 << 20
    /// Threads of the reverse proxy; nil: one for each core.
    public var threads: Int?
    /// What the balancer tells agents and operators about itself.
    public var version: String

    public init(version: String) {
        self.version = version
    }
}
