import AgentProtocol
import LlamaServer
import ServiceLifecycle
import Testing

@testable import Agent

@Suite("An agent of older balancers", .timeLimit(.minutes(1)))
struct OldBalancerTests {
    // MARK: - 0.10

    private static let ok010 =
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 15\r\n\r\n{\"status\":\"ok\"}"

    @Test("0.10: it registers its server, and again whenever it has looked", .overEachTransport)
    func registers() async throws {
        let (stub, llama) = try await LlamaStub.start()
        let balancer = try await Self.balancer010()
        try await withAgent(watching: llama.address, reportingTo: balancer.address, configure: Self.speak(.version010))
        {
            _ in
            let request = try await Self.request(to: balancer)
            #expect(request.hasPrefix("POST /register/target HTTP/1.1\r\n"))
            #expect(request.lowercased().contains("\r\ncontent-type: application/json\r\n"))
            #expect(request.lowercased().contains("\r\ncontent-length: "))
            #expect(request.contains(#"{"slots_idle":4,"slots_processing":0,"status":""}"#))
            #expect(request.contains(#""http_address":{"host":"192.0.2.1","port":8088,"scheme":"http"}"#))
            #expect(request.contains(#""Name":"rack 4""#))
            stub.change { $0.processing = 3 }
            _ = try await balancer.read(until: #"{"slots_idle":1,"slots_processing":3,"status":""}"#)
            stub.change { $0.isLoading = true }
            _ = try await balancer.read(until: #""slots_idle":0,"slots_processing":0,"status":"error"}"#)
            // And goes on saying so, or it would be forgotten.
            _ = try await balancer.read(until: #""slots_idle":0,"slots_processing":0,"status":"error"}"#)
        }
    }

    @Test("0.10: while the slots can't be seen, none is offered a second time, and it is said why", .overEachTransport)
    func late010() async throws {
        let (stub, llama) = try await LlamaStub.start()
        let balancer = try await Self.balancer010()
        try await withAgent(watching: llama.address, reportingTo: balancer.address, configure: Self.speak(.version010))
        {
            _ in
            _ = try await balancer.read(until: #"{"slots_idle":4,"slots_processing":0,"status":""}"#)
            stub.change { $0.isLateWithSlots = true }
            // The look before may still be on its way.
            let said = try await balancer.read(until: #""error_message":"llama-server is late to answer GET /slots""#)
            #expect(said.matches(of: /"slots_idle":4/).count <= 1)
            _ = try await balancer.read(until: #""slots_idle":0,"slots_processing":0,"status":"error"}"#)
            stub.change { $0.isLateWithSlots = false }
        }
    }

    @Test(
        "0.10: it stops offering slots, waits until its server's are idle, and leaves no slots behind",
        .overEachTransport
    )
    func drains010() async throws {
        let (stub, llama) = try await LlamaStub.start(LlamaStub.State(processing: 1))
        let balancer = try await Self.balancer010()
        try await withAgent(
            watching: llama.address,
            reportingTo: balancer.address,
            drainTimeout: .seconds(3600),
            configure: Self.speak(.version010)
        ) { group in
            _ = try await balancer.read(until: #"{"slots_idle":3,"slots_processing":1,"status":""}"#)
            await group.triggerGracefulShutdown()
            for _ in 0..<2 {
                _ = try await balancer.read(until: #"{"slots_idle":0,"slots_processing":1,"status":""}"#)
            }
            stub.change { $0.processing = 0 }
            _ = try await balancer.read(until: #"{"slots_idle":0,"slots_processing":0,"status":""}"#)
        }
    }

    @Test("0.10: without time to drain, its last word is that there are no slots", .overEachTransport)
    func leaves010() async throws {
        let (_, llama) = try await LlamaStub.start()
        let balancer = try await Self.balancer010()
        try await withAgent(watching: llama.address, reportingTo: balancer.address, configure: Self.speak(.version010))
        {
            group in
            _ = try await balancer.read(until: #"{"slots_idle":4,"slots_processing":0,"status":""}"#)
            await group.triggerGracefulShutdown()
            _ = try await balancer.read(until: #"{"slots_idle":0,"slots_processing":0,"status":""}"#)
        }
    }

    @Test("0.10: it comes back when the balancer has failed", .overEachTransport)
    func comesBack010() async throws {
        let (_, llama) = try await LlamaStub.start()
        let balancer = try await WireStub.start { heard in
            guard heard.hasSuffix("}") else { return nil }
            return "HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        }
        try await withAgent(watching: llama.address, reportingTo: balancer.address, configure: Self.speak(.version010))
        {
            _ in
            for _ in 0..<2 { _ = try await balancer.read(until: #""paddler_agent_name":""}"#) }
        }
    }

    private static func balancer010() async throws -> WireStub {
        // A request has ended when its JSON has: there is one text in it that ends with two braces and two quotes.
        try await WireStub.start { $0.hasSuffix(#""paddler_agent_name":""}"#) ? ok010 : nil }
    }

    // MARK: - 1.x

    @Test("1.x: one request, each of whose chunks is a document")
    func updates() async throws {
        let (stub, llama) = try await LlamaStub.start()
        let balancer = try await WireStub.start { _ in nil }
        try await withAgent(
            watching: llama.address,
            reportingTo: balancer.address,
            heartbeat: .seconds(600),
            configure: Self.speak(.version1)
        ) { _ in
            let head = try await balancer.read(until: "\r\n\r\n")
            #expect(head.hasPrefix("POST /status_update/"))
            #expect(head.lowercased().contains("\r\ntransfer-encoding: chunked\r\n"))
            let first =
                #"{"agent_name":"rack 4","error":null,"external_llamacpp_addr":"192.0.2.1:8088","idle_slots_count":4,"#
                + #""is_authorized":true,"is_slots_endpoint_enabled":true,"processing_slots_count":0,"slots":["#
                + #"{"id":0,"is_processing":false},{"id":1,"is_processing":false},{"id":2,"is_processing":false},"#
                + #"{"id":3,"is_processing":false}]}"#
            let second =
                #"{"agent_name":"rack 4","error":"llama-server is loading its model","#
                + #""external_llamacpp_addr":"192.0.2.1:8088","idle_slots_count":0,"is_authorized":null,"#
                + #""is_slots_endpoint_enabled":null,"processing_slots_count":0,"slots":[]}"#
            for document in [first, second] {
                let chunk = try await Self.chunk(to: balancer)
                #expect(chunk == "\(String(document.utf8.count, radix: 16))\r\n\(document)\r\n")
                stub.change { $0.isLoading = true }
            }
        }
    }

    @Test("1.x: it stops offering slots, waits until its server's are idle, and ends the request")
    func drains1() async throws {
        let (stub, llama) = try await LlamaStub.start(LlamaStub.State(processing: 1))
        let balancer = try await WireStub.start { heard in
            heard.hasSuffix("\r\n0\r\n\r\n") ? "HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n" : nil
        }
        try await withAgent(
            watching: llama.address,
            reportingTo: balancer.address,
            drainTimeout: .seconds(3600),
            configure: Self.speak(.version1)
        ) { group in
            _ = try await balancer.read(until: #""idle_slots_count":3"#)
            await group.triggerGracefulShutdown()
            _ = try await balancer.read(until: #""idle_slots_count":0"#)
            _ = try await balancer.read(until: #""processing_slots_count":1"#)
            stub.change { $0.processing = 0 }
            _ = try await balancer.read(until: "\r\n0\r\n\r\n")
        }
    }

    @Test(
        "0.10: a model goes when its slots are idle, is said to be away, and offers its slots again when it is back",
        .overEachTransport
    )
    func unloads010() async throws {
        let balancer = try await Self.balancer010()
        try await unloads(
            .version010,
            balancer,
            offering: { idle, processing in #"{"slots_idle":\#(idle),"slots_processing":\#(processing),"status":""}"# }
        )
    }

    @Test("1.x: so does it there")
    func unloads1() async throws {
        let balancer = try await WireStub.start { _ in nil }
        try await unloads(.version1, balancer, offering: { idle, _ in #""idle_slots_count":\#(idle)"# })
    }

    private func unloads(
        _ dialect: AgentDialect,
        _ balancer: WireStub,
        offering slots: (_ idle: Int, _ processing: Int) -> String
    ) async throws {
        let (stub, llama) = try await LlamaStub.start(LlamaStub.State(processing: 1))
        let keeper = ModelKeeperStub(absence: nil)
        try await withAgent(
            watching: llama.address,
            reportingTo: balancer.address,
            modelKeeper: keeper,
            configure: Self.speak(dialect)
        ) { _ in
            _ = try await balancer.read(until: slots(3, 1))
            keeper.change { model, _ in model.isDraining = true }
            _ = try await balancer.read(until: slots(0, 1))
            stub.change { $0.processing = 0 }
            await keeper.wait(for: .drained)
            keeper.change { model, absence in
                model.isDraining = false
                model.generation = 1
                absence = .unloaded
            }
            _ = try await balancer.read(until: "the model is not loaded")
            keeper.change { model, absence in
                model.generation = 2
                absence = nil
            }
            _ = try await balancer.read(until: slots(4, 0))
        }
    }

    @Test("1.x: a balancer that turns out to be of 0.10 is told by its name")
    func otherDialect() async throws {
        let log = LogRecorder()
        let (_, llama) = try await LlamaStub.start()
        let health = #"{"status":"ok","registered_targets":0}"#
        let balancer = try await WireStub.start { heard in
            guard heard.hasPrefix("GET /health "), heard.hasSuffix("\r\n\r\n") else { return nil }
            return "HTTP/1.1 200 OK\r\nContent-Length: \(health.utf8.count)\r\nConnection: close\r\n\r\n\(health)"
        }
        try await withAgent(
            watching: llama.address,
            reportingTo: balancer.address,
            logger: log.logger,
            configure: Self.speak(.version1)
        ) { _ in
            let line = await log.line(containing: "--dialect 0.10")
            #expect(line?.hasPrefix("warning ") == true)
        }
    }

    @Test("1.x: it opens another request when the balancer ends one")
    func comesBack1() async throws {
        let (_, llama) = try await LlamaStub.start()
        let balancer = try await WireStub.start { heard in
            heard.hasSuffix("]}\r\n")
                ? "HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\nConnection: close\r\n\r\n" : nil
        }
        try await withAgent(watching: llama.address, reportingTo: balancer.address, configure: Self.speak(.version1)) {
            _ in
            for _ in 0..<2 {
                _ = try await balancer.read(until: "POST /status_update/")
                _ = try await balancer.read(until: #""idle_slots_count":4"#)
            }
        }
    }

    /// The next, but for one that says that a slow machine was slow.
    private static func request(to balancer: WireStub) async throws -> String {
        let request = try await balancer.read(until: #""paddler_agent_name":""}"#)
        return request.contains("does not answer in time") ? try await Self.request(to: balancer) : request
    }

    /// The next, but for one that says that a slow machine was slow.
    private static func chunk(to balancer: WireStub) async throws -> String {
        var chunk = try await balancer.read(until: "}\r\n")
        // On another connection, it looks whether the balancer is of 0.10.
        if chunk.hasPrefix("GET /health "), let end = chunk.firstRange(of: "\r\n\r\n") {
            chunk.removeSubrange(..<end.upperBound)
        }
        return chunk.contains("does not answer in time") ? try await Self.chunk(to: balancer) : chunk
    }

    private static func speak(_ dialect: AgentDialect) -> (inout AgentConfiguration) -> Void {
        { $0.dialect = dialect }
    }
}
