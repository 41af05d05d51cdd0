import AgentProtocol
import LlamaServer
import Scheduling
import Testing

@testable import Management

@Suite("Agents of our own versions, byte for byte", .timeLimit(.minutes(1)))
struct OwnVersionsTests {
    private typealias Connected = RecordedAgents.Connected
    private typealias BeforeLeases = RecordedAgents.BeforeLeases
    private typealias Sharing = RecordedAgents.Sharing

    private let harness = ManagementHarness()
    private var fleet: RecordingFleet { harness.fleet }
    private let agent = AgentID(rawValue: RecordedAgents.Connected.id)

    private func nextReport() async throws -> UpstreamReport {
        guard case .reported(let report) = await fleet.nextEvent() else { throw Unexpected() }
        return report
    }

    @Test("an agent from before leases is served, and hears nothing that it wouldn't know")
    func beforeLeases() async throws {
        try await harness.run { client in
            try await RawConnection.with(client.address) { connection in
                try await connection.say(Connected.head + Connected.chunk(BeforeLeases.hello))
                #expect(try await connection.hear(to: "\r\n\r\n").hasPrefix("HTTP/1.1 200 OK\r\n"))
                #expect(try await connection.hear(to: "}\n").contains(#""type":"welcome"}"#))
                try await connection.say(Connected.chunk(BeforeLeases.ready))
                let report = try await nextReport()
                #expect(report.agent == agent)
                #expect(report.name == "gpu-1")
                #expect(report.slots?.total == 2)
                #expect(!report.sharesLeases)

                fleet.submit(1)
                try await connection.say(Connected.chunk(Connected.heartbeat))
                _ = try await nextReport()
                #expect(fleet.snapshot().upstreams.first?.slotsIdle == 1)
                harness.messages.demandPoll(agent)
                // The word after the welcome.
                #expect(try await connection.hear(to: "}\n").hasSuffix("\r\n{\"type\":\"poll\"}\n"))

                try await connection.say(Connected.chunk(BeforeLeases.leaving))
                #expect(try await nextReport().isLeaving)
                harness.messages.tellDrained(agent)
                #expect(try await connection.hear(to: "}\n").contains(#"{"type":"drained"}"#))
                try await connection.say(Connected.chunk(Connected.goodbye) + Connected.end)
                #expect(await fleet.nextEvent() == .left(agent))
                _ = try await connection.hear(to: "0\r\n\r\n")
            }
        }
    }

    @Test("an agent of two balancers hears of leases, and what it tells of those of others counts")
    func sharing() async throws {
        try await harness.run { client in
            try await RawConnection.with(client.address) { connection in
                try await connection.say(Connected.head + Connected.chunk(Sharing.hello))
                _ = try await connection.hear(to: #""type":"welcome"}"#)
                #expect(try await connection.hear(to: "}\n").contains(#"{"count":0,"type":"leases"}"#))
                try await connection.say(Connected.chunk(Sharing.ready))
                #expect(try await nextReport().sharesLeases)
                try await connection.say(
                    Connected.chunk(Sharing.nobodyElse) + Connected.chunk(Sharing.oneElsewhere)
                )
                var others = try await nextReport().others
                if others == 0 { others = try await nextReport().others }
                #expect(others == 1)
                #expect(fleet.snapshot().upstreams.first?.slotsOthers == 1)

                fleet.submit(1)
                harness.messages.leasesChanged(of: agent)
                #expect(try await connection.hear(to: "}\n").contains(#"{"count":1,"type":"leases"}"#))
                fleet.advance(by: .seconds(5))
                try await connection.say(Connected.chunk(Sharing.busy))
                #expect(try await nextReport().slots?.processing == 2)
                let upstream = try #require(fleet.snapshot().upstreams.first)
                #expect(upstream.slotsLeased == 1 && upstream.slotsOthers == 1 && upstream.slotsForeign == 1)
                #expect(upstream.slotsIdle == 0)

                try await connection.say(Connected.chunk(Sharing.leaving))
                #expect(try await nextReport().isLeaving)
                try await connection.say(Connected.chunk(Connected.goodbye) + Connected.end)
                #expect(await fleet.nextEvent() == .left(agent))
            }
        }
    }

    @Test("an agent over URLSession says the same by requests of their own")
    func divided() async throws {
        typealias Divided = RecordedAgents.Divided
        let agent = AgentID(rawValue: Divided.id)
        try await harness.run { client in
            try await RawConnection.with(client.address) { connection in
                try await connection.say(Divided.opening)
                #expect(try await connection.hear(to: "\r\n\r\n").hasPrefix("HTTP/1.1 200 OK\r\n"))
                try await say(Divided.lines(Sharing.hello), to: client.address)
                _ = try await connection.hear(to: #""type":"welcome"}"#)
                #expect(try await connection.hear(to: "}\n").contains(#"{"count":0,"type":"leases"}"#))
                try await say(Divided.lines(Sharing.ready), to: client.address)
                #expect(try await nextReport().slots?.total == 2)
                try await say(Divided.lines(Sharing.oneElsewhere), to: client.address)
                #expect(try await nextReport().others == 1)
                try await say(Divided.lines(Sharing.leaving, Connected.goodbye), to: client.address)
                #expect(try await nextReport().isLeaving)
                #expect(await fleet.nextEvent() == .left(agent))
                _ = try await connection.hearToTheEnd()
            }
        }
    }

    private func say(_ request: String, to address: NetworkAddress) async throws {
        let head = try await RawConnection.with(address) { connection in
            try await connection.say(request)
            return try await connection.hear(to: "\r\n\r\n")
        }
        #expect(head.hasPrefix("HTTP/1.1 204 "))
    }

    private struct Unexpected: Error {}
}
