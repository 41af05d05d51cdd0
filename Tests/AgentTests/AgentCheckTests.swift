import AgentProtocol
import LlamaServer
import NIOCore
import NIOPosix
import Testing

@testable import Agent
@testable import AgentRules
@testable import NIOAgent

@Suite("What an HAProxy hears that asks for the free slots", .timeLimit(.minutes(1)))
struct AgentCheckTests {
    @Test("all slots but those that balancers have, and one at least, since none would mean no limit")
    func slots() {
        let state = Self.state(.ready, total: 4)
        #expect(AgentCheckAnswer(state, leases: 0).line == "up maxconn:4")
        #expect(AgentCheckAnswer(state, leases: 3).line == "up maxconn:1")
        #expect(AgentCheckAnswer(state, leases: 4).line == "up maxconn:1")
        #expect(AgentCheckAnswer(state, leases: 9).line == "up maxconn:1")
    }

    @Test("down and why, in one line, while the server can't be given requests")
    func down() {
        #expect(
            AgentCheckAnswer(Self.state(.loading, total: 4), leases: 0).line
                == "down #llama-server is loading its model"
        )
        #expect(
            AgentCheckAnswer(Self.state(.failing("code 1:\r\nup maxconn:9\u{1B}[0m"), total: 4), leases: 0).line
                == "down #llama-server is failing: code 1: up maxconn:9 [0m"
        )
    }

    @Test("nothing, which changes nothing, before anything is known")
    func unknown() {
        #expect(AgentCheckAnswer(AgentState(links: 0), leases: 0).line.isEmpty)
        #expect(AgentCheckAnswer(Self.state(.ready, total: nil), leases: 0).line.isEmpty)
    }

    @Test("an agent of one balancer asks it for its leases, and leaves the rest to the HAProxy")
    func beside() async throws {
        let (_, llama) = try await LlamaStub.start()
        let (balancer, listener) = try await BalancerStub.start()
        let log = LogRecorder()
        try await withAgent(
            watching: llama.address,
            reportingTo: listener.address,
            logger: log.logger,
            configure: { $0.agentCheck = NetworkAddress(host: "127.0.0.1", port: 0) }
        ) { _ in
            let port = try await Self.port(saidIn: log)
            let connection = try #require(try await balancer.welcome())
            #expect(await balancer.report { $0.slots != nil } != nil)
            #expect(try await Self.ask(port) == "up maxconn:4\n")
            try await connection.say(.leases(count: 3))
            #expect(await balancer.message { $0 == .others(leases: 0) } != nil)
            #expect(try await Self.ask(port) == "up maxconn:1\n")
        }
    }

    @Test("an agent without a balancer watches its server for the HAProxy, and ends when it is told to")
    func alone() async throws {
        let (_, llama) = try await LlamaStub.start()
        let log = LogRecorder()
        try await withAgent(
            watching: llama.address,
            drainTimeout: .seconds(3600),
            logger: log.logger,
            configure: {
                $0.agentCheck = NetworkAddress(host: "127.0.0.1", port: 0)
                // A machine that is slow for a moment is not to look like a server that hangs.
                $0.healthInterval = .seconds(60)
            }
        ) { _ in
            let port = try await Self.port(saidIn: log)
            // Nobody is told of its first look.
            while try await Self.ask(port) == "\n" {}
            #expect(try await Self.ask(port) == "up maxconn:4\n")
        }
    }

    @Test("it is answered however many connections others hold open")
    func held() async throws {
        let listener = try #require(
            try await AgentListener.agentCheck(
                on: NetworkAddress(host: "127.0.0.1", port: 0),
                logger: LogRecorder().logger
            ) { AgentCheckAnswer(Self.state(.ready, total: 4), leases: 0) }
        )
        var held: [any Channel] = []
        for _ in 0..<AgentListener.mostConnections + 3 {
            let channel = ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
                .channelOption(.allowRemoteHalfClosure, value: true)
                .connect(host: "127.0.0.1", port: listener.address.port)
            held.append(try await channel.get())
        }
        #expect(try await Self.ask(listener.address.port) == "up maxconn:4\n")
        for channel in held { try? await channel.close() }
        await listener.close()
    }

    private static func state(_ condition: Condition, total: Int?) -> AgentState {
        var state = AgentState(links: 1)
        state.serverChanged(
            ServerStatus(
                condition: condition,
                sample: total.map {
                    ServerStatus.Sample(number: 1, total: $0, processing: 1, startedAt: .zero, finishedAt: .zero)
                }
            )
        )
        return state
    }

    private static func port(saidIn log: LogRecorder) async throws -> Int {
        let line = try #require(await log.line(containing: "listener=agent-check"))
        let address = try #require(line.split(separator: " ").first { $0.hasPrefix("address=") })
        return try #require(address.split(separator: ":").last.flatMap { Int($0) })
    }

    /// All that it says until it closes. What HAProxy may send first makes no difference.
    private static func ask(_ port: Int) async throws -> String {
        let channel = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .connect(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                }
            }
        return try await channel.executeThenClose { inbound, outbound in
            // The agent may be done before.
            try? await outbound.write(ByteBuffer(string: "server gpu-1\n"))
            var said = ByteBuffer()
            for try await var bytes in inbound { said.writeBuffer(&bytes) }
            return String(buffer: said)
        }
    }
}
