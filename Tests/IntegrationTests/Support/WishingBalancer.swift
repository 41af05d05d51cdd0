import AgentProtocol
import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// A balancer's end of agents' connections, which says to them what a test wants, and nothing else.
final class WishingBalancer: Sendable {
    private let state = Mutex<[String: Agent]>([:])
    private let channel: any Channel
    let port: Int

    /// What an agent has said since the start, over all of its connections.
    struct Agent: Sendable {
        var hello: Hello
        var reports: [StatusReport] = []
        var hasSaidGoodbye = false
        fileprivate var channel: any Channel
    }

    static func start() async throws -> WishingBalancer {
        let agents = Agents()
        let channel = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    try pipeline.configureHTTPServerPipeline(withPipeliningAssistance: false)
                    try pipeline.addHandler(Handler(agents: agents))
                }
            }
            .bind(host: "127.0.0.1", port: 0)
            .get()
        let balancer = WishingBalancer(channel: channel)
        agents.balancer.withLock { $0 = balancer }
        return balancer
    }

    private init(channel: any Channel) {
        self.channel = channel
        port = channel.localAddress?.port ?? 0
    }

    func agent(_ name: String) throws -> Agent {
        guard let agent = state.withLock({ $0[name] }) else {
            throw HarnessFailure(description: "no agent is called \(name)")
        }
        return agent
    }

    func say(_ message: BalancerMessage, to name: String) async throws {
        try await Self.say(message, over: try agent(name).channel)
    }

    /// Waits for the agent's latest report to be as wanted.
    ///
    /// - Parameter again: said before each look at what came, as a balancer repeats its wish.
    @discardableResult
    func report(
        of name: String,
        _ what: String,
        saying again: BalancerMessage? = nil,
        satisfies: @escaping (StatusReport) -> Bool
    ) async throws -> StatusReport {
        let report = try await eventually(
            "\(what) of \(name)",
            within: .seconds(60),
            {
                if let again { try await say(again, to: name) }
                return try agent(name).reports.last
            },
            satisfies: { $0.map(satisfies) ?? false }
        )
        guard let report else { throw HarnessFailure(description: "no report of \(name)") }
        return report
    }

    private func hear(_ message: AgentMessage, of name: String?, over channel: any Channel) -> String? {
        state.withLock { agents in
            switch message {
            case .hello(let hello):
                let name = hello.name ?? ""
                var agent = agents[name] ?? Agent(hello: hello, channel: channel)
                agent.hello = hello
                agent.channel = channel
                agents[name] = agent
                return name
            case .report(let report):
                if let name { agents[name]?.reports.append(report) }
            case .slots(let slots):
                guard let name, var report = agents[name]?.reports.last else { break }
                report.slots = slots.slots
                agents[name]?.reports.append(report)
            case .goodbye:
                if let name { agents[name]?.hasSaidGoodbye = true }
            case .others, .promptSeed, .prompt, .heartbeat, .log:
                break
            }
            return name
        }
    }

    fileprivate static func say(_ message: BalancerMessage, over channel: any Channel) async throws {
        let line = ByteBuffer(bytes: try encodeLine(message))
        try await channel.writeAndFlush(HTTPServerResponsePart.body(.byteBuffer(line)))
    }

    /// Whom handlers tell, which are made before it is.
    private final class Agents: Sendable {
        let balancer = Mutex<WishingBalancer?>(nil)
    }

    /// Called on its connection's event loop alone.
    private final class Handler: ChannelInboundHandler, Sendable {
        typealias InboundIn = HTTPServerRequestPart
        typealias OutboundOut = HTTPServerResponsePart

        private let agents: Agents
        private let connection = Mutex<(lines: MessageLines, name: String?)>((MessageLines(), nil))

        init(agents: Agents) {
            self.agents = agents
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            switch unwrapInboundIn(data) {
            case .head:
                let headers: HTTPHeaders = ["transfer-encoding": "chunked"]
                let head = HTTPResponseHead(version: .http1_1, status: .ok, headers: headers)
                context.write(wrapOutboundOut(.head(head)), promise: nil)
                guard let welcome = try? encodeLine(BalancerMessage.welcome(balancerVersion: "1")) else { return }
                context.writeAndFlush(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: welcome)))), promise: nil)
            case .body(let piece):
                read(piece, over: context.channel)
            case .end:
                context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
            }
        }

        private func read(_ piece: ByteBuffer, over channel: any Channel) {
            guard let balancer = agents.balancer.withLock({ $0 }) else { return }
            connection.withLock { connection in
                guard let lines = try? connection.lines.append(piece.readableBytesView) else { return }
                for line in lines {
                    guard let message = try? AgentMessage.decode(line: line) else { continue }
                    connection.name = balancer.hear(message, of: connection.name, over: channel)
                }
            }
        }
    }
}
