import ManagementClient

/// What is said of an agent, in words.
struct AgentWords {
    let agent: FleetDocument.Agent
    /// Seconds since 1970 at the balancer; nil: not known.
    let time: Double?

    /// By what an agent can be found.
    static func known(of agent: FleetDocument.Agent) -> [String] {
        [agent.shownName, agent.address, AgentWords(agent: agent, time: nil).state.word] + agent.models
    }

    /// At most 12 columns.
    var state: (word: String, colour: TextStyle.Colour) {
        switch agent.state {
        case .lost: ("lost", .bad)
        case .left: ("left", .warning)
        case .silent: ("silent", .bad)
        case .unloaded: ("unloaded", .muted)
        case .notReady: notReady
        case .draining: (agent.isLeaving && !agent.isDraining ? "leaving" : "draining", .warning)
        case .ejected: ("ejected", .bad)
        case .usable where agent.claimant != nil: ("conflict", .bad)
        case .usable: agent.isSleeping ? ("asleep", .muted) : ("usable", .good)
        }
    }

    private var notReady: (String, TextStyle.Colour) {
        switch agent.condition {
        case "loading": ("loading", .warning)
        case "down": ("down", .bad)
        case "unresponsive": ("no answer", .bad)
        case "stuck": ("stuck", .bad)
        case "unauthorized": ("unauthorized", .bad)
        case "slots_disabled": ("no slots", .bad)
        case "restarting": ("restarting", .warning)
        case "failing": ("failing", .bad)
        default: ("not ready", .bad)
        }
    }

    /// What the state means.
    var meaning: String {
        switch agent.state {
        case .lost: [agent.loss?.reason ?? "its agent is gone", loss].compactMap(\.self).joined(separator: ", ")
        case .left: "its agent is gone; what still runs there is brought to its end"
        case .silent: "its agent is connected and has stopped reporting"
        case .unloaded: "its agent loads it when somebody asks for its model"
        case .notReady: conditionMeaning
        case .draining:
            agent.isLeaving && !agent.isDraining
                ? "its agent is about to stop and waits for what runs"
                : "an operator drains it: it gets no new requests"
        case .ejected: "gets no requests since some failed there" + (ejection.map { ", for \($0) more" } ?? "")
        case .usable: agent.isSleeping ? "its model is unloaded; the next request waits for it" : "gets requests"
        }
    }

    private var conditionMeaning: String {
        switch agent.condition {
        case "loading": "llama-server is loading its model"
        case "down": "llama-server can't be reached"
        case "unresponsive": "llama-server does not answer"
        case "stuck": "llama-server's busy slots make no progress"
        case "unauthorized": "llama-server refuses the agent's key"
        case "slots_disabled": "llama-server was started without /slots"
        case "restarting": "llama-server has crashed, and is being started again"
        case "failing": "llama-server crashes whenever it is started, and isn't started again"
        default: "its agent says that it can't be used"
        }
    }

    /// One line; nil: nothing is wrong.
    var problem: String? {
        let trouble = agent.state == .lost ? meaning : error ?? (agent.state == .notReady ? meaning : nil)
        let parts = [trouble ?? conflict, agent.hint].compactMap(\.self).filter {
            !$0.isEmpty
        }
        if !parts.isEmpty { return parts.joined(separator: "; ") }
        switch agent.state {
        case .lost, .left, .silent, .notReady, .ejected: return meaning
        case .draining, .usable, .unloaded: return nil
        }
    }

    /// Nil: there is none.
    var conflict: String? {
        agent.claimant.map { "another agent says that this address is its server's: \($0)" }
    }

    var error: String? {
        if let error = agent.error { return error }
        if agent.isAuthorized == false { return "llama-server refuses the agent's key" }
        return agent.isSlotsEndpointEnabled == false ? "llama-server was started without /slots" : nil
    }

    /// How long ago.
    var lastReport: String? {
        guard let time, let lastUpdate = agent.lastUpdate else { return nil }
        return AmountText.seconds(max(0, time - lastUpdate))
    }

    var slots: String { "\(agent.slots.busy)/\(agent.slots.total)" }

    private var loss: String? {
        guard let time, let since = agent.loss?.since else { return nil }
        return "\(AmountText.seconds(max(0, time - since))) ago"
    }

    private var ejection: String? {
        guard let time, let until = agent.quarantinedUntil, until > time else { return nil }
        return AmountText.seconds(until - time)
    }
}
