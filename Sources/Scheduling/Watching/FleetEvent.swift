public import LlamaServer

/// Something that became of an upstream or its agent, for people and the log.
public struct FleetEvent: Equatable, Sendable {
    public enum Kind: Equatable, Sendable {
        case joined(Condition)
        /// It was lost for so long.
        case returned(after: Duration, Condition)
        /// Another agent speaks for it now: the former is silent, or about to stop.
        case takenOver(from: AgentID, Condition)
        case left(Departure)
        case lost(Departure)
        /// An operator has seen that it is lost.
        case forgotten
        /// Its agent has said nothing for so long; requests are not sent there.
        case silent(Duration)
        case heardAgain
        case condition(Condition)
        case ejected(Duration, after: Failure)
        case ejectionOver
        case drained
        case undrained
        /// A second agent says that it speaks for it, and has to wait.
        case conflict(claimant: AgentID, name: String?)
        case conflictOver
        /// Another upstream has the same name.
        case nameTaken(by: NetworkAddress)
        /// Its agent is not listened to for now.
        case notTaken(Standing)
        /// It is to be loaded or unloaded.
        case wished(ModelWish, WishReason)
        /// What an agent said makes no sense.
        case refused(reason: String)
    }

    /// Counts up from 1, without a gap.
    public package(set) var number: UInt64
    public package(set) var time: Instant
    public package(set) var kind: Kind
    public package(set) var address: NetworkAddress?
    /// What people call it.
    public package(set) var name: String?
    public package(set) var agent: AgentID?

    /// Whom it is about, in words.
    public var subject: String {
        switch (name, address) {
        case (let name?, let address?): "\(name) (\(address))"
        case (nil, let address?): "\(address)"
        case (let name?, nil): name
        case (nil, nil): agent.map { "the agent \($0)" } ?? "an agent"
        }
    }
}

extension FleetEvent.Kind {
    /// Its name in the API.
    public var name: String {
        switch self {
        case .joined: "joined"
        case .returned: "returned"
        case .takenOver: "taken_over"
        case .left: "left"
        case .lost: "lost"
        case .forgotten: "forgotten"
        case .silent: "silent"
        case .heardAgain: "heard_again"
        case .condition(.stuck): "stuck"
        case .condition: "condition"
        case .ejected: "ejected"
        case .ejectionOver: "ejection_over"
        case .drained: "drained"
        case .undrained: "undrained"
        case .conflict: "conflict"
        case .conflictOver: "conflict_over"
        case .nameTaken: "name_taken"
        case .notTaken: "not_taken"
        case .wished(.load, _): "load_wished"
        case .wished(.unload, _): "unload_wished"
        case .refused: "refused"
        }
    }

    /// One sentence without its subject, which is the upstream, and without its full stop.
    public var inWords: String {
        switch self {
        case .joined(let condition): "joined the fleet, \(condition.inWords)"
        case .returned(let time, let condition):
            "is back after \(time.components.seconds) s, \(condition.inWords)"
        case .takenOver(let former, let condition):
            "is spoken for by another agent now, after \(former), \(condition.inWords)"
        case .left(let departure): "left: \(departure.inWords)"
        case .lost(let departure): "is lost: \(departure.inWords)"
        case .forgotten: "was lost and is forgotten by an operator's word"
        case .silent(let time): "gets no requests: its agent has said nothing for \(time.components.seconds) s"
        case .heardAgain: "is heard again"
        case .condition(let condition): "is \(condition.inWords)"
        case .ejected(let time, let failure):
            "gets no requests for \(time.components.seconds) s: \(failure.inWords)"
        case .ejectionOver: "gets requests again after failures"
        case .drained: "is drained by an operator"
        case .undrained: "gets requests again by an operator's word"
        case .conflict(let claimant, let name):
            "is claimed by a second agent, \(name.map { "\($0) (\(claimant))" } ?? "\(claimant)"), which has to wait"
        case .conflictOver: "is claimed by one agent alone again"
        case .nameTaken(let other): "has the name of \(other)"
        case .notTaken(.changesTooOften(let limit)):
            "is not taken: its agents changed more than \(limit) times within a minute"
        case .notTaken(.tooMany(let limit)): "is not taken: \(limit) upstreams are there, and no more are allowed"
        case .notTaken: "is not taken"
        case .wished(.load, .asked): "is to load its model by an operator's word"
        case .wished(.load, _): "is to load its model: requests wait for it"
        case .wished(.unload, let reason): "is to unload its model: \(reason.inWords)"
        case .refused(let reason): "was refused: \(reason)"
        }
    }
}

extension WishReason {
    fileprivate var inWords: String {
        switch self {
        case .awaited: "requests wait for it"
        case .room: "requests wait for another one, which needs its memory"
        case .turn: "requests for another one, which needs its memory, have waited long enough"
        case .abandoned: "nobody waits for it any more"
        case .asked: "an operator wants it"
        }
    }
}

extension Condition {
    /// What an agent says of its llama-server, in words.
    public var inWords: String {
        switch self {
        case .ready: "ready"
        case .loading: "loading its model"
        case .down(let text): text.isEmpty ? "down" : "down: \(text)"
        case .unresponsive: "unresponsive"
        case .stuck(let text): text.isEmpty ? "stuck" : "stuck: \(text)"
        case .unauthorized: "refusing the agent's key"
        case .slotsDisabled: "without its slots endpoint"
        case .restarting(let text): text.isEmpty ? "being started again" : "being started again: \(text)"
        case .failing(let text): text.isEmpty ? "failing" : "failing: \(text)"
        case .unloaded: "unloaded"
        case .unexpected(let text): text.isEmpty ? "answering something unexpected" : text
        }
    }

    /// Whether both are of one kind, whatever they say beyond that.
    func isLike(_ other: Condition) -> Bool {
        switch (self, other) {
        case (.ready, .ready), (.loading, .loading), (.down, .down), (.unresponsive, .unresponsive), (.stuck, .stuck),
            (.unauthorized, .unauthorized), (.slotsDisabled, .slotsDisabled), (.restarting, .restarting),
            (.failing, .failing), (.unloaded, .unloaded),
            (.unexpected, .unexpected):
            true
        default:
            false
        }
    }
}

extension Failure {
    fileprivate var inWords: String {
        switch self {
        case .connectFailed: "it could not be connected to"
        case .unavailable: "it answered 503"
        case .refused: "it answered 503, and not because it loads"
        case .brokenOff: "it broke requests off"
        }
    }
}
