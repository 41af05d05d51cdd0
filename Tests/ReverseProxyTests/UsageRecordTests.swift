import LlamaServer
import Logging
import NIOCore
import RequestRecords
import Scheduling
import Testing
import Usage

@testable import AccessControl
@testable import ReverseProxy

@Suite("What is counted of a request", .timeLimit(.minutes(1)))
struct UsageRecordTests {
    private static let timings = #""timings":{"cache_n":40,"prompt_n":60,"predicted_n":7}}"#

    private static func store() -> UsageStore {
        UsageStore(folder: nil, retention: 400, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    private func ring(_ tenants: String) throws -> TenantRing {
        var numbers = TenantNumbers()
        return TenantRing(try TenantsFileText(Array("tenants:\n\(tenants)\n".utf8), &numbers).directory)
    }

    /// From when it was last sent until its end, in nanoseconds.
    private func served(_ record: RequestRecord) throws -> Int64 {
        try #require(record.ended).nanoseconds - #require(record.sent).nanoseconds
    }

    @Test("slot time begins with the slot, ends with the answer, and counts once for each slot", arguments: [1, 2])
    func slotTime(slots: Int) async throws {
        try await withProxy(slots: [2]) { proxy in
            let (client, upstream) = try await proxy.ask(HTTP.completion(#"{"n":\#(slots)}"#))
            try await upstream.send(HTTP.answer())
            _ = try await client.readMessage()
            let record = try await proxy.onlyRecord()
            let total = try #require(record.ended).nanoseconds - record.arrived.nanoseconds
            #expect(record.needsSlot)
            let served = try served(record)
            #expect(record.slotTime >= Int64(slots) * served)
            #expect(record.slotTime <= Int64(slots) * total)
        }
    }

    @Test("all attempts count, and no wait does")
    func attempts() async throws {
        try await withProxy(slots: [2, 1]) { proxy in
            let (client, first) = try await proxy.ask()
            let firstServed = NIODeadline.now()
            await Task.yield()
            let firstTime = (NIODeadline.now() - firstServed).nanoseconds
            try await first.send("HTTP/1.1 503 Service Unavailable\r\nContent-Length: 4\r\n\r\nbusy")
            let second = try await proxy.upstreams[1].accept()
            _ = try await second.readMessage()
            try await second.send(HTTP.answer())
            _ = try await client.readMessage()
            let record = try await proxy.onlyRecord()
            let served = try served(record)
            #expect(record.attempts == 2 && record.slotTime >= firstTime + served)
        }
        try await withProxy { proxy in
            let (first, upstream) = try await proxy.ask(HTTP.completion("1"))
            let second = try await proxy.client(sending: HTTP.completion("2"))
            try await proxy.until("queued") { $0.queued == 1 }
            for client in [first, second] {
                try await upstream.send(HTTP.answer())
                _ = try await client.readMessage()
                if client === first { _ = try await upstream.readMessage() }
            }
            for record in await proxy.records() {
                let total = try #require(record.ended).nanoseconds - record.arrived.nanoseconds
                #expect(record.slotTime > 0 && record.slotTime <= total - record.waited)
            }
        }
    }

    @Test("what takes no slot has no slot time, nor does what is refused")
    func none() async throws {
        try await withProxy { proxy in
            let (client, upstream) = try await proxy.ask(HTTP.get("/props"))
            try await upstream.send(HTTP.answer())
            _ = try await client.readMessage()
            try await client.send(HTTP.completion(fields: ["X-Paddler-Class: nonsense"]))
            _ = try await client.readMessage()
            let records = await proxy.records()
            #expect(records.map(\.needsSlot) == [true, false] && records.map(\.slotTime) == [0, 0])
        }
    }

    @Test("what a tenant is charged of its day is what the answer says, and nothing where there is no such budget")
    func charges() async throws {
        let ring = try ring("  a: {keys: k, tokens-per-day: 1000}\n  b: {keys: l, tokens-per-minute: 1000}")
        try await withProxy {
            $0.proxy.tenants = ring
        } _: { proxy in
            for key in ["k", "l"] {
                let request = HTTP.completion(#"{"max_tokens":50}"#, fields: ["Authorization: Bearer \(key)"])
                let (client, upstream) = try await proxy.ask(request)
                try await upstream.send(HTTP.answer(#"{"content":"a","# + Self.timings))
                _ = try await client.readMessage()
                await client.close()
                await upstream.close()
                try await proxy.untilIdle()
            }
            let records = await proxy.records()
            #expect(records.map(\.tenant) == ["b", "a"])
            #expect(records[0].charge == nil && records[1].charge?.tokens == 107)
            #expect(records[1].charge?.day == Int(records[1].time / 86_400_000_000_000))
        }
    }

    @Test("it reaches the store by itself, for the client's address where these are told apart")
    func store() async throws {
        let store = Self.store()
        try await withProxy {
            $0.proxy.usage = store
            $0.proxy.addressTenants = SharedAddressTenants()
        } _: { proxy in
            let (client, upstream) = try await proxy.ask(HTTP.completion(#"{"model":"m"}"#))
            try await upstream.send(HTTP.answer(#"{"content":"a","# + Self.timings))
            _ = try await client.readMessage()
            let query = try UsageQuery(from: nil, to: nil, by: "tenant,model", now: UsageStore.wallClock)
            while try await store.answer(query).rows.isEmpty { await Task.yield() }
            let row = try #require(try await store.answer(query).rows.first)
            #expect(row.group == UsageGroup(start: nil, tenant: "127.0.0.1", model: "m"))
            #expect(row.counts.tokensComputed == 60 && row.counts.tokensCached == 40)
            #expect(row.counts.tokensGenerated == 7 && row.counts.slotTime > 0)
        }
    }

    @Test("what ends with the proxy is counted, too")
    func closed() async throws {
        let store = Self.store()
        try await withProxy {
            $0.proxy.usage = store
        } _: { proxy in
            let (client, _) = try await proxy.ask()
            try await proxy.onLoop { loop in loop.closeAll() }
            // Until it is closed, with an answer or without.
            _ = try? await client.readMessage()
            let query = try UsageQuery(from: nil, to: nil, by: nil, now: UsageStore.wallClock)
            #expect(try await store.answer(query).total.requests == 1)
        }
    }

    @Test(
        "slots of a request whose client has left count until they are given back, and once",
        arguments: [Leaving.stream, .whole, .noticed]
    )
    func left(_ leaving: Leaving) async throws {
        let store = Self.store()
        try await withProxy {
            $0.proxy.usage = store
        } _: { proxy in
            let body = leaving == .stream ? #"{"stream":true}"# : "{}"
            let (client, upstream) = try await proxy.ask(HTTP.completion(body, fields: ["X-Conversation-Id: c"]))
            await client.close()
            try await proxy.until("left") { $0.clients == 0 }
            let record = try await proxy.onlyRecord()
            let ended = try #require(record.ended)
            if leaving == .noticed { try await upstream.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n") }
            if leaving != .stream {
                #expect(try await proxy.load().leases == 1)
                await upstream.close()
            }
            try await proxy.until("given back") { $0.leases == 0 }
            if leaving != .noticed {
                let standings = await proxy.server.standings().standings
                #expect(standings[""]?.slots == 1)
            }
            // A sample counts as soon as it is later than what clocks may be off.
            while try await !proxy.onLoop({ $0.unreturned.isEmpty }) { proxy.report(proxy.upstreams[0], slots: 1) }
            let returned = proxy.dispatcher.now()
            try await proxy.onLoop { loop in loop.closeAll() }
            let query = try UsageQuery(from: nil, to: nil, by: nil, now: UsageStore.wallClock)
            let total = try await store.answer(query).total
            let own = Int(record.slotTime / 1000)
            #expect(total.requests == 1 && total.slotTime > own)
            #expect(total.slotTime <= own + Int((returned.nanoseconds - ended.nanoseconds) / 1000))
        }
    }

    enum Leaving {
        /// It goes on without its client.
        case stream
        /// Its server closes the connection without a word, and may be at it still.
        case whole
        /// Its server has noticed.
        case noticed
    }
}
