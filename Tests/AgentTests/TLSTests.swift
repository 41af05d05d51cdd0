import AgentProtocol
import Foundation
import LlamaServer
import TestCertificates
import Testing

@testable import Agent
@testable import NIOAgent

@Suite("An agent that speaks TLS", .timeLimit(.minutes(1)))
struct TLSTests {
    @Test("to its llama-server and to balancers, whose authority it was told of")
    func both() async throws {
        let authority = try TestAuthority()
        let tls = try authority.serverConfiguration()
        let (_, llama) = try await LlamaStub.start(tls: tls)
        let (balancer, listener) = try await BalancerStub.start(tls: tls)
        try await authority.withFile { file in
            try await withAgent(
                watching: llama.address,
                reportingTo: listener.address,
                configure: {
                    $0.localUsesTLS = true
                    $0.managementUsesTLS = true
                    $0.caFile = file
                }
            ) { _ in
                let report = await balancer.report { $0.condition != .unresponsive }
                #expect(report?.condition == .ready)
            }
        }
    }

    @Test("a certificate of an authority that it doesn't know is not trusted, and the log says so", .overEachTransport)
    func distrust() async throws {
        let tls = try TestAuthority().serverConfiguration()
        let (_, llama) = try await LlamaStub.start(tls: tls)
        let (_, listener) = try await BalancerStub.start(tls: tls)
        let log = LogRecorder()
        try await withAgent(
            watching: llama.address,
            reportingTo: listener.address,
            logger: log.logger,
            configure: {
                $0.localUsesTLS = true
                $0.managementUsesTLS = true
            }
        ) { _ in
            let reason = "reason=no secure connection: its certificate is not to be trusted"
            // What is said again, by who tries again meanwhile, is no warning any more.
            var warned: Set<Substring> = []
            while warned.count < 2, let line = await log.line(containing: reason) {
                guard line.hasPrefix("warning ") else { continue }
                warned.insert(line.prefix { $0 != "=" })
            }
            #expect(warned.count == 2)
        }
    }

    @Test("a balancer without TLS is called that", .overEachTransport)
    func noTLS() async throws {
        let (_, llama) = try await LlamaStub.start()
        let (_, listener) = try await BalancerStub.start()
        let log = LogRecorder()
        try await withAgent(
            watching: llama.address,
            reportingTo: listener.address,
            logger: log.logger,
            configure: { $0.managementUsesTLS = true }
        ) { _ in
            #expect(await log.line(containing: "the other side speaks no TLS") != nil)
        }
    }

    @Test("a CA file that can't be used ends the agent before it starts, in one line")
    func unusable() async throws {
        let missing = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString).path
        await expectFailure(missing, "there is no such file")
        let empty = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        try Data("no certificate".utf8).write(to: empty)
        defer { try? FileManager.default.removeItem(at: empty) }
        await expectFailure(empty.path, "there is no PEM certificate in it")
    }

    private func expectFailure(_ file: String, _ reason: String) async {
        let address = NetworkAddress(host: "127.0.0.1", port: 9)
        var configuration = AgentConfiguration(local: address, external: address, management: [address])
        configuration.caFile = file
        let error = await #expect(throws: TrustedCertificates.Unreadable.self) {
            try await AgentService(configuration: configuration, logger: LogRecorder().logger).run()
        }
        #expect(error?.description == "the CA file \(file) cannot be used: \(reason)")
    }
}
