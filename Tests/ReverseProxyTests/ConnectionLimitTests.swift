import FleetMetrics
import NIOCore
import NIOPosix
import NetworkFailures
import Scheduling
import Testing

@testable import ReverseProxy

@Suite("More clients than there is room for", .timeLimit(.minutes(1)))
struct ConnectionLimitTests {
    @Test("the newest is told so at once; when another leaves there is room again", arguments: [1, 4])
    func newestIsRefused(threads: Int) async throws {
        try await withProxy(slots: [2]) {
            $0.proxy.maximumConnections = 2
            $0.threads = threads
        } _: { proxy in
            let (first, upstream) = try await proxy.ask(HTTP.completion("1"))
            let second = try await proxy.connect()
            try await proxy.until("two") { $0.clients == 2 }

            // It needn't say a word, and what it says changes nothing.
            let newest = try await proxy.client(sending: HTTP.completion("3"))
            let refusal = try await newest.readMessage()
            #expect(refusal.status == 503)
            #expect(refusal["Retry-After"] == ["1"] && refusal["Connection"] == ["close"])
            #expect(refusal.body.contains("the 2 connections of clients that --max-connections allows are all in use"))
            #expect(try await newest.end() == .finished)
            await newest.close()

            await second.close()
            try await proxy.until("room") { $0.clients == 1 }
            let next = try await proxy.client(sending: HTTP.completion("4"))
            let other = try await proxy.upstreams[0].accept()
            #expect(try await other.readMessage().body == "4")
            try await other.send(HTTP.answer("four"))
            #expect(try await next.readMessage().body == "four")

            try await upstream.send(HTTP.answer("one"))
            #expect(try await first.readMessage().body == "one")
            let metrics = await proxy.server.metrics()
            #expect(metrics.clientsAccepted == 4 && metrics.clientsRefused == 1 && metrics.ownAnswers == [503: 1])
            #expect(proxy.dispatcher.snapshot().counters.submitted == 2)
        }
    }

    @Test("those beyond the ones who are being told are not told")
    func crowd() {
        let count = ConnectionCount(limit: 3)
        let told = ReverseProxyConfiguration.maximumRefusedConnections
        #expect((0..<3).allSatisfy { _ in count.clientOpened() == .served })
        #expect((0..<told).allSatisfy { _ in count.clientOpened() == .refused })
        #expect(count.clientOpened() == .dropped)
        count.clientClosed()
        count.clientClosed()
        #expect(count.clientOpened() == .refused)
    }

    @Test("with more connections to upstreams than clients may have, none is kept for later")
    func upstreamsKept() {
        let count = ConnectionCount(limit: 1)
        count.upstreamOpened()
        #expect(count.hasRoomForIdle)
        count.upstreamOpened()
        #expect(!count.hasRoomForIdle)
        count.upstreamClosed()
        #expect(count.hasRoomForIdle)
    }

    @Test(
        "what the balancer itself lacks is told from what is wrong with a server",
        arguments: [
            (EMFILE, true), (ENFILE, true), (EADDRNOTAVAIL, true), (ECONNREFUSED, false), (EHOSTUNREACH, false),
        ]
    )
    func ownFailures(errorNumber: CInt, isOwn: Bool) {
        #expect(NetworkFailure.isOwn(IOError(errnoCode: errorNumber, reason: "connect")) == isOwn)
    }
}
