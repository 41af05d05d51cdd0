import AgentProtocol
import Foundation
import LlamaServer
import Testing

@testable import Agent
@testable import NIOAgent

@Suite("An agent's token", .overEachTransport, .timeLimit(.minutes(1)))
struct TokenTests {
    @Test(
        "it is shown to balancers, and with it goes the key for the llama-server, which alone is not sent",
        arguments: ["t0ken", nil]
    )
    func shown(token: String?) async throws {
        let (_, llama) = try await LlamaStub.start()
        let (balancer, listener) = try await BalancerStub.start()
        let log = LogRecorder()
        try await withAgent(
            watching: llama.address,
            reportingTo: listener.address,
            logger: log.logger,
            configure: {
                $0.managementToken = token
                $0.upstreamAPIKey = "k3y"
                $0.externalUsesTLS = true
            }
        ) { _ in
            guard case .opened(_, _, _, let authorization) = await balancer.next(),
                case .said(.hello(let hello)) = await balancer.next()
            else {
                Issue.record("no hello")
                return
            }
            #expect(authorization == token.map { "Bearer \($0)" })
            #expect(hello.apiKey == (token == nil ? nil : "k3y"))
            #expect(hello.usesTLS)
        }
        guard token == nil else { return }
        #expect(await log.line(containing: "key for the llama-server is not sent")?.hasPrefix("warning ") == true)
    }

    @Test("it can be in a file: the first line that is neither empty nor a comment")
    func ofFile() async throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "token-\(UUID().uuidString)")
        try Data("# of the fleet\n\n  f1rst \nsecond\n".utf8).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        let (_, llama) = try await LlamaStub.start()
        let (balancer, listener) = try await BalancerStub.start()
        try await withAgent(
            watching: llama.address,
            reportingTo: listener.address,
            configure: { $0.managementTokenFile = file.path }
        ) { _ in
            guard case .opened(_, _, _, let authorization) = await balancer.next() else {
                Issue.record("no connection")
                return
            }
            #expect(authorization == "Bearer f1rst")
        }
    }

    @Test("a connection goes on with the token that it was opened with, whatever becomes of the file")
    func kept() async throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "token-\(UUID().uuidString)")
        try Data("old\n".utf8).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        let (_, llama) = try await LlamaStub.start()
        let (balancer, listener) = try await BalancerStub.start()
        try await withAgent(
            watching: llama.address,
            reportingTo: listener.address,
            configure: { $0.managementTokenFile = file.path }
        ) { _ in
            _ = try await balancer.welcome()
            #expect(await balancer.message { $0 == .heartbeat } != nil)
            try Data("new\n".utf8).write(to: file, options: .atomic)
            // The first may have been on its way.
            for _ in 1...3 {
                guard case .said = await balancer.next() else {
                    Issue.record("the connection is over")
                    return
                }
            }
        }
    }

    @Test(
        "a token that was exchanged in its file is shown from the next connection on, and a broken file changes nothing"
    )
    func exchanged() async throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "token-\(UUID().uuidString)")
        try Data("old\n".utf8).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        let (_, llama) = try await LlamaStub.start()
        let (balancer, listener) = try await BalancerStub.start()
        let log = LogRecorder()
        try await withAgent(
            watching: llama.address,
            reportingTo: listener.address,
            logger: log.logger,
            configure: { $0.managementTokenFile = file.path }
        ) { _ in
            for (content, shown) in [("old", "old"), ("new", "new"), ("", "new")] {
                // At once: the agent may be about to start.
                try Data(content.utf8).write(to: file, options: .atomic)
                while true {
                    let event = try #require(await balancer.next())
                    guard case .opened(let connection, _, _, let authorization) = event else { continue }
                    // One may have been opened before the file was written.
                    let isLate = authorization == "Bearer old" && shown == "new" && content == "new"
                    if !isLate { #expect(authorization == "Bearer \(shown)") }
                    try await connection.close()
                    if !isLate { break }
                }
            }
            #expect(await log.line(containing: "the token stays as it is") != nil)
        }
    }

    @Test(
        "a balancer that wants one says so, and the log says which flag to pass",
        arguments: [
            (nil, "pass --management-token"), ("wrong", "this agent's --management-token is another"),
        ] as [(String?, String)]
    )
    func wanted(token: String?, hint: String) async throws {
        let (_, llama) = try await LlamaStub.start()
        let body = #"{"error":{"code":401,"message":"no token","type":"authentication_error"}}"#
        let balancer = try await WireStub.start { heard in
            guard heard.contains("\r\n\r\n") else { return nil }
            return "HTTP/1.1 401 Unauthorized\r\nContent-Length: \(body.utf8.count)\r\nConnection: close\r\n\r\n\(body)"
        }
        let log = LogRecorder()
        try await withAgent(
            watching: llama.address,
            reportingTo: balancer.address,
            logger: log.logger,
            configure: { $0.managementToken = token }
        ) { _ in
            let line = try #require(await log.line(containing: "no connection to the balancer"))
            #expect(line.hasPrefix("warning "))
            #expect(line.contains("it answered 401: no token"))
            #expect(line.contains(hint))
            #expect(!line.contains("wrong"))
        }
    }

    @Test("what a balancer would refuse is an error at the start")
    func absurd() async throws {
        let address = NetworkAddress(host: "127.0.0.1", port: 9)
        let name = String(repeating: "n", count: 2000)
        let configuration = AgentConfiguration(local: address, external: address, management: [address], name: name)
        await #expect(throws: ReportError.textTooLong("name", limit: 1024)) {
            try await AgentService(configuration: configuration, logger: LogRecorder().logger).run()
        }
    }
}
