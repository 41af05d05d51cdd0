import ProxyExchange

/// For how long the data plane waits for whom, each with a limit of its own.
///
/// Those of clients' connections are looked at together, so that they may be overshot by half a second.
public struct ProxyTimeouts: Sendable {
    /// For a connection to an upstream to open; then the request is tried elsewhere.
    public var connect: Duration = .seconds(2)
    /// For the rest of a request's head, from its first byte on; then 408.
    public var requestHead: Duration = .seconds(10)
    /// For the next piece of a request's body, which is held meanwhile; then 408.
    public var requestBody: Duration = .seconds(30)
    /// For the first byte of an answer, from when the request was sent or its server's slots were last seen to move; then
    /// 504. Prompts are long, and an answer that isn't streamed begins when all of it is there. As llama-server's own limit.
    public var firstByte: Duration = .seconds(3600)
    /// For the next bytes of an answer that has begun, llama-server's pings included; then it is cut, as if the upstream
    /// had broken it off.
    public var answerIdle: Duration = .seconds(300)
    /// For a client to take anything of what is written to it; then its connection is reset.
    public var clientWrite: Duration = .seconds(60)
    /// For a client's first request, or its next one; then its connection is closed. Longer than the minute after which
    /// load balancers in front forget connections: a request must not meet a closing one.
    public var clientIdle: Duration = .seconds(75)
    /// For the next request on an upstream's connection. llama-server closes at 5 s: being earlier keeps requests from
    /// being sent into a connection that is about to end.
    public var upstreamIdle: Duration = .seconds(4)
    /// For an upstream's connection after an answer in chunks, until it is used again: llama-server closes it then, although it has
    /// promised to keep it. The end of a connection takes no longer than any byte on the way, and a server whose processors
    /// are busy takes some milliseconds to say it.
    public var upstreamRest: Duration = .milliseconds(100)
    /// For queued requests and running answers to end after a graceful stop began.
    public var shutdown: Duration = .seconds(30)

    public init() {}

    var ofClients: ClientLink.Limits { ClientLink.Limits(idle: clientIdle, head: requestHead, body: requestBody) }
}
