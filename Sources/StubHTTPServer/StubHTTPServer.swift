internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import Synchronization

/// An HTTP/1.1 server on a loopback port of the system's choice that answers as a test says, and remembers what it was
/// asked.
public final class StubHTTPServer: Sendable {
    /// Nil: the question stays without an answer.
    public typealias Answer = @Sendable (StubRequest) -> StubReply?

    private let channel: any Channel
    private let log: StubLog
    public let port: Int

    private init(channel: any Channel, log: StubLog) {
        self.channel = channel
        self.log = log
        port = channel.localAddress?.port ?? 0
    }

    /// Runs while `body` does.
    public static func with(_ answer: @escaping Answer, _ body: (StubHTTPServer) async throws -> Void) async throws {
        let log = StubLog()
        let channel = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    try pipeline.configureHTTPServerPipeline(withPipeliningAssistance: false)
                    try pipeline.addHandler(StubHandler(log: log, answer: answer))
                }
            }
            .bind(host: "127.0.0.1", port: 0)
            .get()
        let result: Result<Void, any Error>
        do {
            result = .success(try await body(StubHTTPServer(channel: channel, log: log)))
        } catch {
            result = .failure(error)
        }
        try await channel.close()
        try result.get()
    }

    public var url: String { "http://127.0.0.1:\(port)" }

    /// All that it was asked so far.
    public var requests: [StubRequest] { log.all }
}

/// What the server was asked, in order.
final class StubLog: Sendable {
    private let requests = Mutex<[StubRequest]>([])

    var all: [StubRequest] { requests.withLock { $0 } }

    func append(_ request: StubRequest) {
        requests.withLock { $0.append(request) }
    }
}
