import Foundation
import Testing

@testable import ManagementClient

struct WatchingTests {
    @Test("events are put together from any parts")
    func events() throws {
        let text = ": hello\n\ndata: {\"a\":1}\r\n\r\nevent: x\ndata:b\ndata: c\n\ndata: unfinished"
        let expected = ["{\"a\":1}", "b\nc"]
        for size in 1...text.utf8.count {
            var events = ServerSentEvents()
            var seen: [String] = []
            var rest = Array(text.utf8)[...]
            while !rest.isEmpty {
                seen += try events.read(Array(rest.prefix(size))).map { String(decoding: $0, as: UTF8.self) }
                rest = rest.dropFirst(size)
            }
            #expect(seen == expected)
        }
    }

    private func snapshot(_ json: String) throws -> FleetDocument {
        try JSONDecoder().decode(FleetDocument.self, from: Data(json.utf8))
    }

    @Test("what Paddler 1.x says of an agent is enough")
    func oldAgent() throws {
        let document = try snapshot(
            #"{"agents":[{"agent_id":"i","agent_name":null,"error":null,"external_llamacpp_addr":"a:1","is_authorized":false,"slots_idle":3,"slots_processing":1,"last_update":{"secs_since_epoch":5,"nanos_since_epoch":500000000}}]}"#
        )
        #expect(document.fleet == nil)
        #expect(document.agents[0].slots.total == 4)
        #expect(document.agents[0].state == .notReady)
        #expect(document.agents[0].lastUpdate == 5.5)
    }

    @Test("what is unknown, of another kind or absurd does no harm")
    func strange() throws {
        let document = try snapshot(
            #"{"agents":[{"external_llamacpp_addr":"a:1","slots_total":9223372036854775807,"models":7,"tokens_per_second":1e300,"state":"new"}],"fleet":{"queued":"many","time":3,"sample":{"number":1,"queued":-4}},"x":1}"#
        )
        #expect(document.agents[0].slots.total == 1_000_000)
        #expect(document.agents[0].tokensPerSecond == 1e12)
        #expect(document.agents[0].state == .notReady)
        #expect(document.fleet?.queued == nil)
        #expect(document.fleet?.sample?.queued == 0)
    }

    @Test("models are read as far as they can be")
    func models() throws {
        let document = try snapshot(
            #"{"agents":[],"fleet":{"models":[{"name":"a","usable":2,"slots_total":8,"slots_idle":3,"slots_processing":5,"queued":1,"oldest_wait_ms":350,"new":1},{"name":null}]}}"#
        )
        let models = try #require(document.fleet?.models)
        #expect(models.map(\.name) == ["a", nil])
        #expect(models[0].usable == 2 && models[0].slotsTotal == 8 && models[0].slotsProcessing == 5)
        #expect(models[0].queued == 1 && models[0].oldestWaitMilliseconds == 350)
        #expect(try snapshot(#"{"agents":[],"fleet":{"models":7}}"#).fleet?.models == [])
        #expect(try snapshot(#"{"agents":[],"fleet":{}}"#).fleet?.models == [])
    }

    @Test("a lost upstream says since when and why, and one with two agents who the other is")
    func lostAndConflict() throws {
        let document = try snapshot(
            #"{"agents":[{"external_llamacpp_addr":"a:1","state":"lost","lost":{"since":{"secs_since_epoch":7,"nanos_since_epoch":0},"reason":"gone","agent_id":"i"},"conflict":null},{"external_llamacpp_addr":"a:2","state":"usable","lost":null,"conflict":{"agent_id":"j","agent_name":"x"}}],"fleet":{"lost":1}}"#
        )
        #expect(document.agents[0].state == .lost)
        #expect(document.agents[0].loss == .init(since: 7, reason: "gone"))
        #expect(document.agents[1].loss == nil && document.agents[1].claimant == "x (j)")
        #expect(document.fleet?.lost == 1)
    }

    @Test("events are read as far as they are understood")
    func fleetEvents() throws {
        let json =
            #"{"events":[{"number":2,"time":{"secs_since_epoch":5,"nanos_since_epoch":0},"kind":"lost","text":"a is lost"},{"text":"b","kind":7}]}"#
        let document = try JSONDecoder().decode(EventsDocument.self, from: Data(json.utf8))
        #expect(
            document.events == [
                .init(time: 5, kind: "lost", text: "a is lost"), .init(time: nil, kind: "", text: "b"),
            ]
        )
    }

    @Test("requests as the balancer lists them, and what a newer one might add")
    func requests() throws {
        let json = """
            {"running_total":3,"running":[{"time":"1970-01-01T00:00:05.250Z","outcome":"running","outcome_reason":"queued",
            "status":null,"new":[1]}],"ended":[{"time":7,"outcome":"sublimated","status":200,"upstream":"10.0.0.1:80",
            "upstream_name":null,"total_seconds":2.5,"tokens_generated":21}]}
            """
        let document = try JSONDecoder().decode(RequestsDocument.self, from: Data(json.utf8))
        var running = RequestsDocument.Request(outcome: "running")
        running.time = 5.25
        running.reason = "queued"
        var ended = RequestsDocument.Request(outcome: "sublimated")
        ended.status = 200
        ended.server = "10.0.0.1:80"
        ended.totalSeconds = 2.5
        ended.tokensGenerated = 21
        #expect(document == RequestsDocument(runningTotal: 3, requests: [running, ended]))
    }

    @Test("a history is numbered from its end")
    func history() throws {
        let json = #"{"last_number":12,"columns":{"queued":[1,2,3],"ttft_p50_ms":[null,7,null],"new":["x"]}}"#
        let document = try JSONDecoder().decode(HistoryDocument.self, from: Data(json.utf8))
        #expect(document.samples.map(\.number) == [10, 11, 12])
        #expect(document.samples.map(\.queued) == [1, 2, 3])
        #expect(document.samples.map(\.firstTokenMedianMilliseconds) == [nil, 7, nil])
        #expect(document.samples[0].requests == nil)
    }
}
