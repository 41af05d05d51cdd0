import AgentProtocol
import AgentReception
import Logging
import Scheduling
import Synchronization

/// Writes into the log what became of the fleet.
struct FleetEventLog: Sendable {
    let logger: Logger
    let limit = LineLimit()

    func write(_ events: [FleetEvent]) {
        for event in events {
            switch limit.allows(at: event.time) {
            case .yes: write(event)
            case .afterLeavingOut(let count):
                logger.warning(
                    "events of the fleet were left out here: too many came at once",
                    metadata: ["count": "\(count)"]
                )
                write(event)
            case .no: break
            }
        }
    }

    private func write(_ event: FleetEvent) {
        var metadata: Logger.Metadata = [:]
        metadata["upstream"] = event.address.map { "\($0)" }
        metadata["name"] = event.name.map { "\($0)" }
        metadata["agent"] = event.agent.map { "\($0)" }
        let line = event.kind.line
        for (key, value) in line.metadata { metadata[key] = "\(value)" }
        logger.log(level: line.level, "\(line.message)", metadata: metadata)
    }
}

/// A line of the log.
private struct Line {
    var level: Logger.Level
    var message: String
    var metadata: [String: String] = [:]
}

extension FleetEvent.Kind {
    fileprivate var line: Line {
        switch self {
        case .joined(let condition): Line(condition, "upstream joined")
        case .returned(let time, let condition):
            Line(condition, "upstream is back", ["after": "\(time.components.seconds) s"])
        case .takenOver(let former, let condition):
            Line(condition, "upstream taken over by another agent", ["former_agent": former.rawValue])
        case .left(let departure):
            Line(level: .info, message: "upstream left", metadata: ["reason": departure.inWords])
        case .lost(let departure):
            Line(level: .warning, message: "upstream lost", metadata: ["reason": departure.inWords])
        case .forgotten: Line(level: .info, message: "lost upstream forgotten")
        case .silent(let time):
            Line(level: .warning, message: "agent is silent", metadata: ["for": "\(time.components.seconds) s"])
        case .heardAgain: Line(level: .info, message: "agent is heard again")
        case .condition(let condition): Line(condition, "upstream changed")
        case .ejected(let time, _):
            Line(
                level: .warning,
                message: "upstream ejected",
                metadata: ["for": "\(time.components.seconds) s", "reason": inWords]
            )
        case .ejectionOver: Line(level: .info, message: "upstream is tried again")
        case .drained: Line(level: .info, message: "upstream drains")
        case .undrained: Line(level: .info, message: "upstream takes requests again")
        case .conflict(let claimant, let name):
            Line(
                level: .warning,
                message: "two agents claim one upstream",
                metadata: [
                    "claimant": claimant.rawValue, "claimant_name": name ?? "",
                    "hint": "give each agent the address of its own llama-server (--external-llamacpp-addr)",
                ]
            )
        case .conflictOver: Line(level: .info, message: "one agent claims the upstream again")
        case .nameTaken(let other):
            Line(
                level: .warning,
                message: "two upstreams have one name",
                metadata: ["other": "\(other)", "hint": "give each agent a --name of its own"]
            )
        case .notTaken: Line(level: .warning, message: "agent is not listened to", metadata: ["reason": inWords])
        case .wished: Line(level: .info, message: "model wished", metadata: ["wish": inWords])
        case .refused(let reason):
            Line(level: .warning, message: "agent refused", metadata: ["reason": reason])
        }
    }
}

extension Line {
    /// A server that loads its model is as it should be.
    fileprivate init(_ condition: Scheduling.Condition, _ message: String, _ metadata: [String: String] = [:]) {
        let told = AgentProtocol.Condition(condition)
        let isFine = [.ready, .loading, .unloaded].contains(condition)
        self.init(level: isFine ? .info : .warning, message: message, metadata: metadata)
        self.metadata["condition"] = told.kind
        self.metadata["reason"] = told.message.flatMap { $0.isEmpty ? nil : $0 }
        self.metadata["hint"] = isFine ? nil : told.hint
    }
}

/// How many lines may be written: agents that come and go by the thousand must not fill a disk.
final class LineLimit: Sendable {
    enum Answer: Equatable {
        case yes
        /// So many were left out before this one.
        case afterLeavingOut(Int)
        case no
    }

    /// At once, as when a large fleet comes back.
    static let burst = 500
    static let perSecond = 20

    private struct State {
        var tokens = Double(burst)
        var last: Instant?
        var leftOut = 0
    }

    private let state = Mutex(State())

    func allows(at now: Instant) -> Answer {
        state.withLock { state in
            if let last = state.last {
                let earned = max(0, (now - last) / .seconds(1)) * Double(Self.perSecond)
                state.tokens = min(Double(Self.burst), state.tokens + earned)
            }
            state.last = max(state.last ?? now, now)
            guard state.tokens >= 1 else {
                state.leftOut += 1
                return .no
            }
            state.tokens -= 1
            defer { state.leftOut = 0 }
            return state.leftOut > 0 ? .afterLeavingOut(state.leftOut) : .yes
        }
    }
}
