import Testing

@testable import FakeLlamaServer

/// What clients see when a server fails, and that nobody else sees anything.
@Suite("A fleet in which servers fail", .serialized)
struct FaultTests {
    private static let path = "/v1/chat/completions"

    @Test(
        "a stream that goes out as another one ends is sent once, although llama-server closes connections after streams"
    )
    func closesAfterStreams() async throws {
        try await withFleet(slots: 1, serverArguments: ["--close-after-streams", "30ms"]) { fleet in
            // Four that wait for two slots.
            let clients = try (0..<4).map { _ in try fleet.connect() }
            for _ in 0..<5 {
                for client in clients {
                    try await client.send(
                        RawClient.request(
                            "POST",
                            Self.path,
                            headers: ["X-Paddler-Explain": "1"],
                            body: #"{"stream":true}"#
                        )
                    )
                }
                for client in clients {
                    let reply = try await client.reply()
                    #expect(reply.status == 200 && reply.endedCleanly)
                    #expect(reply["X-Paddler-Reason"]?.contains("attempt") == false)
                }
            }
            for client in clients { await client.close() }
        }
    }

    // MARK: - One request meets one fault

    /// What the client sees of a fault.
    enum Sight: Sendable {
        /// The other server's answer.
        case answerOfTheOther
        /// The failing server's answer with this status, up to a clean end.
        case answer(Int)
        /// The balancer's own 502.
        case badGateway
        /// Tokens, an error event of the balancer's, no clean end.
        case errorEventAndCut(tokens: Int)
        /// Tokens, an error event of the server's, a clean end.
        case errorEventOfServer(tokens: Int)
        /// A 200, part of the body, and no clean end.
        case cut
        /// How much arrives before a reset destroys it is up to the system: either of the two that are right.
        case answerOfTheOtherOrCut
        /// Nothing, or nothing more, for as long as the client waits.
        case silence(hasHead: Bool)
    }

    struct Fault: Sendable, CustomTestStringConvertible {
        let kind: FaultKind
        let plain: Sight
        let streamed: Sight
        /// Whether the failing server began to execute the request.
        var isExecuted = true

        init(_ kind: FaultKind, _ plain: Sight, streamed: Sight? = nil, isExecuted: Bool = true) {
            self.kind = kind
            self.plain = plain
            self.streamed = streamed ?? plain
            self.isExecuted = isExecuted
        }

        var testDescription: String { kind.rawValue }
    }

    static let faults = [
        Fault(.refuse, .answerOfTheOther, isExecuted: false),
        Fault(.loading, .answerOfTheOther, isExecuted: false),
        Fault(.closeBeforeHead, .answerOfTheOther),
        Fault(.resetBeforeHead, .answerOfTheOther),
        Fault(.halfHead, .badGateway),
        Fault(.malformedHead, .badGateway),
        Fault(.error500, .answer(500)),
        Fault(.answerBeforeBody, .answer(413), isExecuted: false),
        Fault(.wrongContentLengthShort, .answer(200)),
        Fault(.wrongContentLengthLong, .cut),
        Fault(.cutMidStream, .cut, streamed: .errorEventAndCut(tokens: 3)),
        Fault(.cutMidChunk, .cut),
        Fault(.resetMidStream, .answerOfTheOtherOrCut),
        Fault(.errorMidStream, .cut, streamed: .errorEventOfServer(tokens: 3)),
        Fault(.hangBeforeHead, .silence(hasHead: false)),
        Fault(.hangAfterHead, .silence(hasHead: true)),
        Fault(.hangMidStream, .silence(hasHead: true)),
    ]

    @Test("a fault is seen by the request that meets it, as it should be, and by nobody else", arguments: faults)
    func seen(_ fault: Fault) async throws {
        try await withFleet(serverArguments: ["--token-delay", "1ms"]) { fleet in
            // The server without it has more idle slots from now on, so that the next request goes there.
            let bystander = try await fleet.balancer.occupySlots(1)[0]
            let (victim, other) = try await Self.roles(in: fleet)
            for streams in [false, true] {
                try await victim.resetCounts()
                let (client, before) = try await Self.meet(fault.kind, streams: streams, victim, other, fleet)
                try await Self.check(streams ? fault.streamed : fault.plain, of: client)
                await client.close()
                try await victim.clearFaults()

                try await fleet.waitUntilAtRest(occupied: 1)
                try await Self.checkExecutions(streams ? fault.streamed : fault.plain, fault, victim, other, before)
                #expect(try await other.counts().runningNow == 1)
                #expect(try await fleet.exchange(body: "{}").status == 200)
            }
            await bystander.close()
        }
    }

    static func roles(in fleet: Fleet) async throws -> (victim: FakeServer, other: FakeServer) {
        let occupied = try await eventually("the server with the occupied slot") {
            try await fleet.servers[0].counts().runningNow == 1
                ? 0 : fleet.servers[1].counts().runningNow == 1 ? 1 : nil
        } satisfies: {
            $0 != nil
        }
        return occupied == 0 ? (fleet.servers[1], fleet.servers[0]) : (fleet.servers[0], fleet.servers[1])
    }

    /// Sends requests until the fault has struck one: where a machine is overloaded, the failing server can look hung to
    /// its agent for a moment, and the request goes to the other.
    ///
    /// - Returns: the client of the struck request, and the other server's counts before.
    private static func meet(
        _ kind: FaultKind,
        streams: Bool,
        _ victim: FakeServer,
        _ other: FakeServer,
        _ fleet: Fleet
    ) async throws -> (RawClient, Counts) {
        try await victim.fault(kind, count: 1, path: path)
        for _ in 0..<10 {
            let before = try await other.counts()
            let client = try fleet.connect()
            try await client.send(RawClient.request("POST", path, body: #"{"stream":\#(streams)}"#))
            if kind == .refuse { return (client, before) }
            let isStruck = try await eventually("the fault") {
                if try await victim.counts().faultsStruck > 0 { return true as Bool? }
                return try await other.counts().requestsCompleted > before.requestsCompleted ? false : nil
            } satisfies: {
                $0 != nil
            }
            if isStruck == true { return (client, before) }
            await client.close()
        }
        throw HarnessFailure(description: "no request met the fault \(kind.rawValue)")
    }

    private static func check(_ sight: Sight, of client: RawClient) async throws {
        if case .silence(let hasHead) = sight {
            if hasHead { #expect(try await client.replyHead().status == 200) }
            return
        }
        let reply = try await client.reply()
        switch sight {
        case .silence: break
        case .answerOfTheOther:
            #expect(reply.status == 200)
            #expect(reply.endedCleanly)
        case .answer(let status):
            #expect(reply.status == status)
            #expect(reply["X-Fake-Server"] != nil)
            #expect(reply.endedCleanly)
        case .badGateway:
            #expect(reply.status == 502)
            #expect(reply.endedCleanly)
            #expect(reply.failure?.type == "upstream_error")
            #expect(reply.failure?.message.hasPrefix("the llama.cpp server's answer could not be understood: ") == true)
        case .errorEventAndCut(let tokens):
            #expect(reply.status == 200)
            #expect(!reply.endedCleanly)
            #expect(reply.events.count == tokens + 1)
            #expect(reply.lastEventFailure?.code == 502)
            #expect(reply.lastEventFailure?.message.contains("broke off this answer") == true)
        case .errorEventOfServer(let tokens):
            #expect(reply.status == 200)
            #expect(reply.endedCleanly)
            #expect(reply.events.count == tokens + 1)
            #expect(reply.lastEventFailure?.message == "Compute error.")
        case .cut:
            #expect(reply.status == 200)
            #expect(!reply.endedCleanly)
            #expect(reply.lastEventFailure == nil)
        case .answerOfTheOtherOrCut:
            #expect(reply.status == 200)
            #expect(reply.endedCleanly == (reply.facts != nil || reply.events.last == "[DONE]"))
        }
    }

    /// What has begun to answer, or may not be repeated, is executed by nobody else.
    private static func checkExecutions(
        _ sight: Sight,
        _ fault: Fault,
        _ victim: FakeServer,
        _ other: FakeServer,
        _ before: Counts
    ) async throws {
        #expect(try await victim.counts().requestsStarted == (fault.isExecuted ? 1 : 0))
        let elsewhere = try await other.counts().requestsStarted - before.requestsStarted
        switch sight {
        case .answerOfTheOther: #expect(elsewhere == 1)
        case .answerOfTheOtherOrCut: #expect(elsewhere <= 1)
        default: #expect(elsewhere == 0)
        }
    }

    // MARK: - Again and again

    @Test("a request that every server breaks off is executed twice and no more")
    func twice() async throws {
        try await withFleet { fleet in
            for server in fleet.servers { try await server.fault(.closeBeforeHead) }
            let reply = try await fleet.exchange(body: "{}")
            #expect(reply.status == 502)
            #expect(reply.endedCleanly)
            #expect(
                reply.failure?.message
                    == "2 attempts ended with the llama.cpp server closing the connection without an answer"
            )
            var started = 0
            for server in fleet.servers { started += try await server.counts().requestsStarted }
            #expect(started == 2)
            for server in fleet.servers { try await server.clearFaults() }
            try await fleet.waitUntilAtRest()
        }
    }

    @Test("a request that ends its server ends no other one", arguments: [false, true])
    func endsItsServer(isReused: Bool) async throws {
        try await withFleet(servers: 3) { fleet in
            if isReused {
                for _ in 0..<3 { #expect(try await fleet.exchange(body: "{}").status == 200) }
            }
            for server in fleet.servers { try await server.fault(.die) }
            let reply = try await fleet.exchange(body: "{}")
            #expect(reply.status == 502)
            #expect(reply.failure?.message.contains("broke off while it had this request") == true)
            #expect(try await fleet.exchange("GET", "/v1/models").status == 200)
            try await eventually("ended servers", equals: 1) { fleet.servers.count { $0.process.exit != nil } }
        }
    }

    @Test("a server that closes each connection at its second request answers every request, each executed once")
    func closedOnReuse() async throws {
        try await withFleet(servers: 1, serverArguments: ["--token-delay", "0ms"]) { fleet in
            try await fleet.servers[0].fault(.closeOnReuse)
            let client = try fleet.connect()
            for _ in 0..<10 {
                try await client.send(RawClient.request("POST", Self.path, body: "{}"))
                #expect(try await client.reply().status == 200)
            }
            let counts = try await fleet.servers[0].counts()
            #expect(counts.faultsStruck > 0)
            #expect(counts.requestsStarted == 10)
            #expect(counts.requestsCompleted == 10)
            try await fleet.waitUntilAtRest()
        }
    }

    @Test("a server that drops its idle connections answers every request, each executed once")
    func idleConnectionsDropped() async throws {
        try await withFleet(servers: 1, serverArguments: ["--token-delay", "0ms"]) { fleet in
            let client = try fleet.connect()
            for _ in 0..<10 {
                try await client.send(RawClient.request("POST", Self.path, body: "{}"))
                #expect(try await client.reply().status == 200)
                try await fleet.servers[0].fault(.closeIdle)
            }
            #expect(try await fleet.servers[0].counts().requestsStarted == 10)
            try await fleet.waitUntilAtRest()
        }
    }

    @Test("connections that a server ends after a hundred requests cost nothing")
    func keepAliveLimit() async throws {
        try await withFleet(servers: 1, serverArguments: ["--token-delay", "0ms"]) { fleet in
            let client = try fleet.connect()
            for _ in 0..<250 {
                try await client.send(RawClient.request("POST", Self.path, body: "{}"))
                #expect(try await client.reply().status == 200)
            }
            let counts = try await fleet.servers[0].counts()
            #expect(counts.requestsStarted == 250)
            #expect(counts.requestsPerConnectionMax <= 100)
            try await fleet.waitUntilAtRest()
        }
    }
}
