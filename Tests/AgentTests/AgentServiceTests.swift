import AgentProtocol
import LlamaServer
import LoopbackPorts
import ServiceLifecycle
import Synchronization
import Testing

@testable import Agent

@Suite("An agent", .overEachTransport, .timeLimit(.minutes(1)))
struct AgentServiceTests {
    @Test("it introduces itself and reports at once, while the balancer's answer has already begun")
    func introduction() async throws {
        let (_, llama) = try await LlamaStub.start()
        let (balancer, listener) = try await BalancerStub.start()
        try await withAgent(watching: llama.address, reportingTo: listener.address) { _ in
            guard case .opened(_, let path, let contentType, _) = await balancer.next() else {
                Issue.record("no connection")
                return
            }
            let agentID = path.split(separator: "/").dropFirst(3).first.map(String.init) ?? ""
            switch TestTransport.current {
            case .nio: #expect(path == AgentConnection.path(agentID: agentID))
            case .urlSession:
                let connectionID = path.split(separator: "/").last.map(String.init) ?? ""
                #expect(path == AgentConnection.dividedPath(agentID: agentID, connectionID: connectionID))
            }
            #expect(contentType == AgentConnection.contentType)
            guard case .said(.hello(let hello)) = await balancer.next() else {
                Issue.record("no hello first")
                return
            }
            #expect(hello.name == "rack 4")
            #expect(hello.agentVersion == "1.2.3")
            #expect(hello.address == NetworkAddress(host: "192.0.2.1", port: 8088))
            #expect(hello.heartbeatIntervalMilliseconds == 50)
            let report = await balancer.report { $0.slots != nil && $0.condition != .unresponsive }
            try report?.validated()
            #expect(report?.condition == .ready)
            #expect(report?.slots?.total == 4)
            #expect(report?.slots?.processing == 0)
            #expect(report?.models == ["tiny"])
            #expect(report?.build == "b1")
        }
    }

    @Test("it reports a change at once, and its end")
    func change() async throws {
        let (stub, llama) = try await LlamaStub.start()
        let (balancer, listener) = try await BalancerStub.start()
        try await withAgent(watching: llama.address, reportingTo: listener.address, heartbeat: .seconds(600)) { _ in
            #expect(await balancer.report { $0.condition == .ready } != nil)
            stub.change { $0.isLoading = true }
            #expect(await balancer.report { $0.condition == .loading } != nil)
            stub.change { $0.isLoading = false }
            #expect(await balancer.report { $0.condition == .ready && $0.slots != nil } != nil)
            try await llama.close()
            // Whoever was just connecting sees a reset first.
            #expect(await balancer.report { $0.condition == .down("connection refused") } != nil)
        }
    }

    @Test("what a balancer wants its operator to know is in its log")
    func notice() async throws {
        let log = LogRecorder()
        let (_, llama) = try await LlamaStub.start()
        let (balancer, listener) = try await BalancerStub.start()
        try await withAgent(watching: llama.address, reportingTo: listener.address, logger: log.logger) { _ in
            let connection = try #require(await balancer.welcome())
            try await connection.say(.notice(text: "another agent gives the same address"))
            let line = await log.line(containing: "another agent gives the same address")
            #expect(line?.hasPrefix("warning ") == true)
        }
    }

    @Test("it asks a llama-server with a path prefix behind that, and tells the balancer of it")
    func pathPrefix() async throws {
        let (_, llama) = try await LlamaStub.start(LlamaStub.State(prefix: "/llm"))
        let (balancer, listener) = try await BalancerStub.start()
        try await withAgent(
            watching: llama.address,
            reportingTo: listener.address,
            configure: { $0.pathPrefix = PathPrefix("/llm/") }
        ) { _ in
            let hello = await balancer.message { if case .hello = $0 { true } else { false } }
            guard case .hello(let hello) = hello else {
                Issue.record("no hello")
                return
            }
            #expect(hello.pathPrefix?.text == "/llm")
            #expect(await balancer.report { $0.condition == .ready && $0.slots?.total == 4 } != nil)
        }
    }

    @Test("it looks at the slots when the balancer asks for it, and sends a sample once")
    func poll() async throws {
        let (stub, llama) = try await LlamaStub.start()
        let (balancer, listener) = try await BalancerStub.start()
        try await withAgent(watching: llama.address, reportingTo: listener.address) { _ in
            let connection = try #require(await balancer.welcome())
            #expect(await balancer.report { $0.slots != nil } != nil)
            // Heartbeats only, as nobody has asked.
            for _ in 0..<3 {
                #expect(await balancer.message { _ in true } == .heartbeat)
            }
            stub.change { $0.processing = 3 }
            try await connection.say(.poll)
            let second = try #require(await balancer.report { $0.slots != nil })
            #expect(second.slots?.processing == 3)
        }
    }

    @Test("it comes back when the connection is lost, with the newest sample", arguments: [true, false])
    func reconnection(ends: Bool) async throws {
        let (_, llama) = try await LlamaStub.start()
        let (balancer, listener) = try await BalancerStub.start()
        try await withAgent(watching: llama.address, reportingTo: listener.address) { _ in
            for _ in 0..<3 {
                let connection = try #require(await balancer.welcome())
                #expect(await balancer.report { $0.slots?.total == 4 } != nil)
                if ends { try await connection.end() } else { try await connection.close() }
            }
            #expect(await balancer.message { if case .hello = $0 { true } else { false } } != nil)
        }
    }

    @Test("it finds a balancer that comes later")
    func lateBalancer() async throws {
        let (_, llama) = try await LlamaStub.start()
        let port = try ReservedPort()
        try await withAgent(watching: llama.address, reportingTo: port.address) { _ in
            let (balancer, _) = try await BalancerStub.start(port: port.port)
            #expect(await balancer.report { $0.condition == .ready } != nil)
        }
    }

    @Test("it says goodbye when it is shut down")
    func goodbye() async throws {
        let (_, llama) = try await LlamaStub.start()
        let (balancer, listener) = try await BalancerStub.start()
        try await withAgent(watching: llama.address, reportingTo: listener.address) { group in
            _ = try await balancer.welcome()
            #expect(await balancer.report { $0.slots != nil } != nil)
            await group.triggerGracefulShutdown()
            #expect(await balancer.message { $0 == .goodbye } != nil)
            guard case .ended = await balancer.next() else {
                Issue.record("the request goes on after the goodbye")
                return
            }
        }
    }

    @Test("it reports also when there is no llama-server")
    func withoutLlama() async throws {
        let (balancer, listener) = try await BalancerStub.start()
        let closed = try ClosedPort()
        try await withAgent(watching: closed.address, reportingTo: listener.address) { _ in
            // On a machine on its knees, the first question may go unanswered.
            let report = await balancer.report { $0.condition != .unresponsive }
            #expect(report?.condition == .down("connection refused"))
            #expect(report?.slots == nil)
        }
    }

    @Test("it says that a llama-server hangs, and that it is back")
    func hanging() async throws {
        let (stub, llama) = try await LlamaStub.start()
        let (balancer, listener) = try await BalancerStub.start()
        try await withAgent(watching: llama.address, reportingTo: listener.address) { _ in
            #expect(await balancer.report { $0.condition == .ready } != nil)
            stub.change { $0.isHanging = true }
            #expect(await balancer.report { $0.condition == .unresponsive } != nil)
            stub.change { $0.isHanging = false }
            #expect(await balancer.report { $0.condition == .ready } != nil)
        }
    }

    @Test(
        "it shows llama-server its key",
        arguments: [("secret", .ready), (nil, .unauthorized)] as [(String?, Condition)]
    )
    func key(key: String?, condition: Condition) async throws {
        let (_, llama) = try await LlamaStub.start(LlamaStub.State(key: "secret"))
        let (balancer, listener) = try await BalancerStub.start()
        try await withAgent(watching: llama.address, reportingTo: listener.address, key: key) { _ in
            let report = await balancer.report { $0.condition != .unresponsive }
            #expect(report?.condition == condition)
        }
    }

    @Test("a balancer that is away or silent is in nobody's way")
    func severalBalancers() async throws {
        let (_, llama) = try await LlamaStub.start()
        let (_, silent) = try await LlamaStub.start(LlamaStub.State(isHanging: true))
        let (first, firstListener) = try await BalancerStub.start()
        let (second, secondListener) = try await BalancerStub.start()
        let closed = try ClosedPort()
        try await withAgent(
            watching: llama.address,
            reportingTo: closed.address,
            silent.address,
            firstListener.address,
            secondListener.address
        ) { _ in
            #expect(await first.report { $0.slots != nil } != nil)
            #expect(await second.report { $0.slots != nil } != nil)
        }
    }

    @Test("each of several balancers hears of the others' leases, until these are gone")
    func sharedLeases() async throws {
        let (_, llama) = try await LlamaStub.start()
        let (first, firstListener) = try await BalancerStub.start()
        let (second, secondListener) = try await BalancerStub.start()
        try await withAgent(
            watching: llama.address,
            reportingTo: firstListener.address,
            secondListener.address
        ) { _ in
            let one = try #require(try await first.welcome())
            let other = try #require(try await second.welcome())
            try await one.say(.leases(count: 3))
            try await other.say(.leases(count: 1))
            #expect(await first.message { $0 == .others(leases: 1) } != nil)
            #expect(await second.message { $0 == .others(leases: 3) } != nil)
            try await one.say(.leases(count: 2))
            #expect(await second.message { $0 == .others(leases: 2) } != nil)
            // What is left of its requests, if anything, is found out by a look.
            try await one.close()
            #expect(await second.message { $0 == .others(leases: 0) } != nil)
            #expect(await second.report { $0.slots?.others == nil && $0.slots != nil } != nil)
        }
    }

    @Test("balancers are brought to one seed, and those that have it hear of each other's prompts")
    func sharedPrompts() async throws {
        let (_, llama) = try await LlamaStub.start()
        let (first, firstListener) = try await BalancerStub.start()
        let (second, secondListener) = try await BalancerStub.start()
        try await withAgent(
            watching: llama.address,
            reportingTo: firstListener.address,
            secondListener.address
        ) { _ in
            let one = try #require(try await first.welcome())
            let other = try #require(try await second.welcome())
            let seeds = (older: PromptSeed(value: 5, madeAt: 1), newer: PromptSeed(value: 4, madeAt: 2))
            try await one.say(.promptSeed(seeds.newer))
            try await other.say(.promptSeed(seeds.older))
            #expect(await first.message { $0 == .promptSeed(seeds.older) } != nil)
            try await one.say(.promptSeed(seeds.older))
            let news: [PromptNews] = [
                .begins(PromptTrail(hashes: [1, 2], bytes: 800)), .ends(name: 2, generated: 9, wasMissed: false),
            ]
            for news in news { try await one.say(.prompt(news)) }
            for news in news { #expect(await second.message { $0 == .prompt(news) } != nil) }
            try await other.say(.prompt(.isGone(name: 3)))
            #expect(await first.message { $0 == .prompt(.isGone(name: 3)) } != nil)
            // What runs is left as it is when its balancer dies.
            try await one.say(.prompt(.begins(PromptTrail(hashes: [1, 4], bytes: 800))))
            #expect(await second.message { $0 == .prompt(.begins(PromptTrail(hashes: [1, 4], bytes: 800))) } != nil)
            try await one.close()
            #expect(await second.message { $0 == .prompt(.ends(name: 4, generated: 0, wasMissed: false)) } != nil)
        }
    }

    @Test("an agent of one balancer says nothing of others, and one of an older balancer and a new one neither")
    func nothingShared() async throws {
        let (_, llama) = try await LlamaStub.start()
        let (alone, aloneListener) = try await BalancerStub.start()
        try await withAgent(watching: llama.address, reportingTo: aloneListener.address) { _ in
            guard case .hello(let hello)? = await alone.message(where: { _ in true }) else {
                Issue.record("no hello")
                return
            }
            #expect(hello.sharesLeases == nil && hello.sharesPrompts == nil)
        }
        let (older, olderListener) = try await BalancerStub.start()
        let (newer, newerListener) = try await BalancerStub.start()
        try await withAgent(
            watching: llama.address,
            reportingTo: olderListener.address,
            newerListener.address
        ) { _ in
            guard case .hello(let hello)? = await older.message(where: { _ in true }) else {
                Issue.record("no hello")
                return
            }
            #expect(hello.sharesLeases == true)
            let connection = try #require(try await newer.welcome())
            try await connection.say(.promptSeed(PromptSeed(value: 5, madeAt: 1)))
            try await connection.say(.prompt(.begins(PromptTrail(hashes: [1], bytes: 300))))
            try await connection.say(.leases(count: 2))
            #expect(await newer.message { $0 == .others(leases: 0) } != nil)
            // Its sample says what there was, in a word that an older balancer skips.
            let said = await older.message {
                switch $0 {
                case .others, .promptSeed, .prompt: true
                case .report(let report): report.slots?.others == 2
                case .slots(let report): report.slots.others == 2
                case .hello, .heartbeat, .log, .goodbye: false
                }
            }
            switch said {
            case .others, .promptSeed, .prompt: Issue.record("an older balancer is told of others")
            case .report, .slots, .hello, .heartbeat, .log, .goodbye, nil: break
            }
            #expect(said != nil)
        }
    }
}

extension ClosedPort {
    fileprivate var address: NetworkAddress { NetworkAddress(host: "127.0.0.1", port: port) }
}

extension ReservedPort {
    fileprivate var address: NetworkAddress { NetworkAddress(host: "127.0.0.1", port: port) }

    @Test("what becomes known of the machine's accelerators is reported, and that nothing is known any more")
    func accelerators() async throws {
        let (_, llama) = try await LlamaStub.start()
        let (balancer, listener) = try await BalancerStub.start()
        let known = Mutex<[Accelerator]?>(nil)
        try await withAgent(
            watching: llama.address,
            reportingTo: listener.address,
            configure: { $0.accelerators = { known.withLock(\.self) } }
        ) { _ in
            #expect(await balancer.report { $0.condition == .ready }?.accelerators == nil)
            let one = Accelerator(id: "GPU-1", host: "h", name: "T4", celsius: 40)
            known.withLock { $0 = [one] }
            #expect(await balancer.report { $0.accelerators == [one] } != nil)
            known.withLock { $0?[0].celsius = 41 }
            #expect(await balancer.report { $0.accelerators?.first?.celsius == 41 } != nil)
            known.withLock { $0 = nil }
            #expect(await balancer.report { $0.accelerators == nil } != nil)
        }
    }
}
