import LoopbackPorts
import Testing

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// What a service manager is told.
@Suite("Notifications to a service manager")
struct NotificationTests {
    @Test("a balancer is ready when it listens, and says when it stops", arguments: [false, true])
    func balancer(isAbstract: Bool) async throws {
        let socket = try NotifySocket(isAbstract: isAbstract)
        let port = try ReservedPort()
        let balancer = try Paddler.start(
            ["balancer", "--reverseproxy-port", "\(port.port)", "--management-port", "0"],
            environment: ["NOTIFY_SOCKET": socket.name]
        )
        try await eventually("readiness", equals: "READY=1") { socket.next() }
        _ = try RawClient(port: port.port)
        balancer.signal(SIGTERM)
        try await eventually("stopping", equals: "STOPPING=1") { socket.next() }
        #expect(try await balancer.waitUntilExit() == .code(0))
    }

    @Test("a balancer that can't listen is never ready")
    func notReady() async throws {
        let socket = try NotifySocket(isAbstract: false)
        let taken = try SilentPort()
        let balancer = try Paddler.start(
            ["balancer", "--reverseproxy-port", "\(taken.port)", "--management-port", "0"],
            environment: ["NOTIFY_SOCKET": socket.name]
        )
        #expect(try await balancer.waitUntilExit() == .code(1))
        #expect(socket.next() == nil)
    }

    @Test("an agent is ready when it runs, whether or not a server or a balancer is there")
    func agent() async throws {
        let socket = try NotifySocket(isAbstract: false)
        let nobody = try ClosedPort()
        let agent = try Paddler.start(
            ["agent", "--local-llamacpp-port", "\(nobody.port)", "--management-port", "\(nobody.port)"],
            environment: ["NOTIFY_SOCKET": socket.name]
        )
        try await eventually("readiness", equals: "READY=1") { socket.next() }
        agent.signal(SIGTERM)
        try await eventually("stopping", equals: "STOPPING=1") { socket.next() }
        #expect(try await agent.waitUntilExit() == .code(0))
    }

    @Test(
        "a socket that isn't there changes nothing",
        arguments: ["/nowhere/at/all", "@nobody-listens", "relative", "/"]
    )
    func nobodyListens(name: String) async throws {
        let balancer = try Paddler.start(
            ["balancer", "--reverseproxy-port", "0", "--management-port", "0"],
            environment: ["NOTIFY_SOCKET": name]
        )
        try await balancer.waitForLine(containing: "listener=reverse_proxy")
        balancer.signal(SIGTERM)
        #expect(try await balancer.waitUntilExit() == .code(0))
    }
}
