import FleetMetrics
import HTTPTypes
import Hummingbird
import LlamaServer
import NIOCore
import Scheduling
import Synchronization

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// What operators are told, as JSON. Any thread may ask.
final class OperatorReplies: Sendable {
    let fleet: any FleetControl
    let version: String
    private let messages: AgentMessages
    private let history: HistoryRecorder
    private let wallClock: @Sendable () -> Int64
    private let offset: Mutex<WallClockOffset>

    /// - Parameter wallClock: nanoseconds since 1970.
    init(
        fleet: any FleetControl,
        messages: AgentMessages = AgentMessages(),
        history: HistoryRecorder,
        version: String,
        wallClock: @escaping @Sendable () -> Int64
    ) {
        self.fleet = fleet
        self.messages = messages
        self.history = history
        self.version = version
        self.wallClock = wallClock
        offset = Mutex(WallClockOffset(wall: wallClock(), now: fleet.now()))
    }

    func agents(_ selection: AgentsReply.Selection = .all) -> AgentsReply {
        let snapshot = fleet.snapshot()
        return AgentsReply(
            snapshot,
            history.current,
            selection: selection,
            logTellers: messages.agentsThatTellLogs,
            version: version,
            on: currentOffset(now: snapshot.taken)
        )
    }

    /// One upstream, known or lost.
    func agent(at address: NetworkAddress) -> AgentsReply.Agent? {
        let now = fleet.now()
        let activity = history.current.activity(of: address)
        let offset = currentOffset(now: now)
        if let upstream = fleet.upstream(at: address) {
            return AgentsReply.Agent(
                upstream,
                activity,
                logTellers: messages.agentsThatTellLogs,
                takenAt: now,
                on: offset
            )
        }
        return fleet.snapshot().lost.first { $0.address == address }.map {
            AgentsReply.Agent($0, activity, on: offset)
        }
    }

    func lastQuarterHour() -> HistoryReply {
        HistoryReply(history.current, on: currentOffset(now: fleet.now()))
    }

    func events() -> EventsReply {
        EventsReply(fleet.recentEvents(), on: currentOffset(now: fleet.now()))
    }

    func bufferedRequests() -> BufferedRequestsReply {
        BufferedRequestsReply(fleet.snapshot())
    }

    func health() -> HealthReply {
        HealthReply(fleet.totals(), version: version)
    }

    /// The same question gets the same bytes: kind to people who compare, and how streams see that nothing has changed.
    static func json(_ reply: some Encodable) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return Array(try encoder.encode(reply))
    }

    static func response(_ reply: some Encodable) throws -> Response {
        Response(
            status: .ok,
            headers: [.contentType: "application/json; charset=utf-8", .cacheControl: "no-store"],
            body: .init(byteBuffer: ByteBuffer(bytes: try json(reply)))
        )
    }

    private func currentOffset(now: Instant) -> WallClockOffset {
        offset.withLock { offset in
            offset.correct(wall: wallClock(), now: now)
            return offset
        }
    }
}
