import LlamaServer
import RequestRecords
import Scheduling

/// Requests in a few of the states that there are.
enum SampleRequests {
    static var listing: RequestListing {
        var running = record("waits", at: 30)
        running.waits(since: moment(31))
        running.stands(at: .queued, now: moment(40))
        var answered = record("answered", at: 10)
        answered.tenant = "team-a"
        answered.model = "qwen"
        answered.received = moment(11)
        answered.goes(to: UpstreamRoute(address: NetworkAddress(host: "127.0.0.1", port: 8080)), named: "gpu-1")
        answered.choice = Choice(ground: .only)
        answered.isAnswered(200, at: moment(12))
        answered.firstToken = moment(13)
        answered.usage = ReportedUsage(promptComputed: 1, promptCached: 2, generated: 3)
        answered.ends(.answered, at: moment(20))
        var refused = record("refused", at: 14)
        refused.status = 401
        refused.ends(.refused(.noKey), at: moment(15))
        var listing = RequestListing()
        listing.add(running: [running], of: 1, ended: [answered, refused])
        listing.sort()
        return listing
    }

    /// One tenant that has a slot and waits for another, and somebody who waits.
    static var standings: TenantStandings {
        var standings = TenantStandings()
        for (tenant, slots) in [("team-a", 2), ("team-a", nil), (nil, nil)] as [(String?, Int?)] {
            var record = record("standing", at: 0)
            record.tenant = tenant
            record.needsSlot = true
            record.waits(since: moment(10))
            if let slots {
                record.stopsWaiting(at: moment(20))
                record.takes(slots: slots, at: moment(20))
            }
            standings.add(record, at: slots == nil ? .queued : .answering, now: moment(1510))
        }
        return standings
    }

    private static func record(_ name: String, at milliseconds: Int64) -> RequestRecord {
        var record = RequestRecord(.given(name), time: 1_796_011_883_250_000_000, arrived: moment(milliseconds))
        record.endpoint = "POST /v1/chat/completions"
        record.client = "192.0.2.1"
        return record
    }

    private static func moment(_ milliseconds: Int64) -> Instant { Instant(nanoseconds: milliseconds * 1_000_000) }
}
