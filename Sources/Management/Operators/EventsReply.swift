import LlamaServer
import Scheduling

/// `GET /api/v1/events`: what became of the fleet lately, the newest first.
struct EventsReply: Codable, Equatable {
    let events: [Event]

    init(_ events: [FleetEvent], on wallClock: WallClockOffset) {
        self.events = events.reversed().map { Event($0, on: wallClock) }
    }

    struct Event: Codable, Equatable {
        /// Counts up from 1, without a gap.
        let number: UInt64
        let time: SystemTime
        let kind: String
        /// Null: the agent was refused before it named an upstream.
        @NullWhenNil var upstream: String?
        @NullWhenNil var name: String?
        @NullWhenNil var agentID: String?
        /// A sentence about the upstream.
        let text: String

        enum CodingKeys: String, CodingKey {
            case number
            case time
            case kind
            case upstream
            case name
            case agentID = "agent_id"
            case text
        }
    }
}

extension EventsReply.Event {
    init(_ event: FleetEvent, on wallClock: WallClockOffset) {
        number = event.number
        time = wallClock.time(at: event.time)
        kind = event.kind.name
        upstream = event.address?.description
        name = event.name
        agentID = event.agent?.rawValue
        text = "\(event.subject) \(event.kind.inWords)"
    }
}
