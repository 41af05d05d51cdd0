import AgentProtocol
import AsyncHTTPClient
import LlamaServer
import NIOCore
import NIOHTTP1
import ServiceLifecycle
import Testing

@testable import Agent
@testable import AgentRules
@testable import NIOAgent

@Suite("An agent's status server", .timeLimit(.minutes(1)))
struct StatusServerTests {
    @Test("it says OK whatever it sees, how things are, and that it has nothing else")
    func answers() async throws {
        let (_, llama) = try await LlamaStub.start(LlamaStub.State(processing: 1))
        let (balancer, listener) = try await BalancerStub.start()
        let log = LogRecorder()
        try await withAgent(
            watching: llama.address,
            reportingTo: listener.address,
            drainTimeout: .seconds(3600),
            logger: log.logger,
            configure: {
                $0.statusServer = NetworkAddress(host: "127.0.0.1", port: 0)
                // A machine that is slow for a moment is not to look like a server that hangs.
                $0.healthInterval = .seconds(60)
            }
        ) { group in
            let line = try #require(await log.line(containing: "listener=status"))
            let port = try #require(line.split(separator: " ").lazy.compactMap(Self.port).first)
            for method in [HTTPMethod.GET, .POST] {
                let health = try await Self.ask(method, "/health", port: port)
                #expect(health == .init(status: .ok, type: "text/plain", body: "OK"))
            }
            let connection = try #require(await balancer.welcome())
            _ = await log.line(containing: "connected to the balancer")
            #expect(await balancer.report { $0.slots != nil } != nil)
            let status = try await Self.ask(.GET, "/api/v1/status?x", port: port)
            #expect(
                status.body
                    == #"{"balancers":[{"address":"\#(listener.address)","connected":true}],"condition":"ready","#
                    + #""draining":false,"external_llamacpp_addr":"192.0.2.1:8088","hint":null,"#
                    + #""local_llamacpp_addr":"\#(llama.address)","models":["tiny"],"name":"rack 4","problem":null,"#
                    + #""sleeping":false,"slots_idle":3,"slots_processing":1,"slots_total":4,"version":"1.2.3"}"#
            )
            let other = try await Self.ask(.GET, "/slots", port: port)
            #expect(other.status == .notFound)
            #expect(try ErrorReply(json: Array(other.body.utf8)).message.hasPrefix("an agent answers GET /health"))
            #expect(try await Self.ask(.DELETE, "/api/v1/status", port: port).status == .methodNotAllowed)

            await group.triggerGracefulShutdown()
            #expect(await balancer.report { $0.isLeaving } != nil)
            #expect(try await Self.ask(.GET, "/api/v1/status", port: port).body.contains(#""draining":true"#))
            try await connection.say(.drained)
        }
    }

    @Test("an address that is taken ends the agent before it starts, in one line")
    func taken() async throws {
        let (_, other) = try await LlamaStub.start()
        var configuration = AgentConfiguration(
            local: other.address,
            external: other.address,
            management: [other.address]
        )
        configuration.statusServer = other.address
        let error = await #expect(throws: AgentListener.Failure.self) {
            try await AgentService(configuration: configuration, logger: LogRecorder().logger).run()
        }
        #expect(
            error?.description.hasPrefix(
                "cannot listen on \(other.address) for the agent's status: address already in use"
            ) == true
        )
    }

    @Test("nothing is known and said as null before the first look")
    func unknown() {
        let address = NetworkAddress(host: "127.0.0.1", port: 8088)
        let configuration = AgentConfiguration(local: address, external: address, management: [address])
        let json = String(decoding: AgentOverview(AgentState(links: 1), of: configuration).json, as: UTF8.self)
        #expect(json.contains(#""condition":null"#))
        #expect(json.contains(#""slots_total":null"#))
        #expect(json.contains(#""connected":false"#))
    }

    private struct Reply: Equatable {
        let status: HTTPResponseStatus
        let type: String?
        let body: String
    }

    private static func ask(_ method: HTTPMethod, _ path: String, port: Int) async throws -> Reply {
        var request = HTTPClientRequest(url: "http://127.0.0.1:\(port)\(path)")
        request.method = method
        let response = try await HTTPClient.shared.execute(request, timeout: .seconds(20))
        let body = try await response.body.collect(upTo: 1 << 20)
        return Reply(
            status: response.status,
            type: response.headers.first(name: "content-type"),
            body: String(buffer: body)
        )
    }

    private static func port(_ pair: Substring) -> Int? {
        guard pair.hasPrefix("address=") else { return nil }
        return pair.split(separator: ":").last.flatMap { Int($0) }
    }
}
