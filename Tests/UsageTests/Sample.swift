import LlamaServer
import RequestRecords
import Scheduling

@testable import Usage

/// Requests that ended, for tests.
enum Sample {
    /// 2026-11-30T00:00:00Z, in seconds since 1970.
    static let midnight = 1_795_996_800

    static let route = UpstreamRoute(address: NetworkAddress(host: "127.0.0.1", port: 1))

    static func begun(tenant: String?, model: String?, at time: Int = midnight) -> RequestRecord {
        var record = RequestRecord(
            .made(0, 0),
            time: Int64(time) * 1_000_000_000,
            arrived: Instant(nanoseconds: 0)
        )
        record.needsSlot = true
        record.tenant = tenant
        record.model = model
        return record
    }

    /// Answered, with three tokens.
    static func ended(tenant: String?, model: String?, at time: Int = midnight) -> RequestRecord {
        var record = begun(tenant: tenant, model: model, at: time)
        record.goes(to: route, named: nil)
        record.usage = ReportedUsage(promptComputed: 1, promptCached: 0, generated: 2)
        record.ends(.answered, at: Instant(nanoseconds: 1_000_000))
        return record
    }

    static func batch(_ records: [RequestRecord]) -> UsageBatch {
        var ledger = UsageLedger()
        for record in records { ledger.add(record) }
        return ledger.takeAll()
    }
}
