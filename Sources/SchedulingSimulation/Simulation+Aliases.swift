import LlamaServer
import Scheduling

// Requests that name an alias: what they get of its list, and when they go on to the next.

extension Simulation {
    /// Which of a list's models a new request asks for: the first that has a usable server, else the first that somebody
    /// serves or served.
    ///
    /// - Returns: nil if there is none.
    func position(in names: [String]) -> Int? {
        names.firstIndex(where: isServed) ?? names.firstIndex { !isForeign($0) }
    }

    /// The models that this name stands for; nil: it is no alias.
    func list(of model: String?) -> [String]? {
        (model ?? profile.configuration.defaultModel).flatMap { profile.rules.aliases[$0] }
    }

    /// How many may wait for what this request asks for.
    func maximumQueued(for demand: RequestDemand) -> Int {
        let limit = profile.configuration.maximumQueued
        guard scheduler.hasSeveralModels,
            let model = demand.model ?? profile.configuration.defaultModel ?? scheduler.nameOfServers(for: demand)
        else { return limit }
        return min(limit, profile.rules.maximumQueued[model] ?? limit)
    }

    private func isServed(_ name: String) -> Bool {
        scheduler.snapshot(at: clock).upstreams.contains { $0.isUsable && $0.models.contains(name) }
    }

    /// Those that wait may have gone on to the next.
    mutating func learnChoices() throws(Violation) {
        guard !profile.rules.aliases.isEmpty else { return }
        for index in requests.indices {
            guard case .queued(let ticket, _, _) = requests[index].state, let name = scheduler.choice(of: ticket) else {
                continue
            }
            try learn(name, of: index)
        }
    }

    /// What is given to a request, or what it asks for now.
    mutating func learn(_ name: String, of index: Int) throws(Violation) {
        let number = requests[index].id.rawValue
        guard var choice = requests[index].choice, let position = choice.names.firstIndex(of: name) else {
            throw Violation(.onlyWhatIsListed, "\(number) gets \(name), which its alias doesn't list")
        }
        guard position != choice.position else { return }
        if let before = choice.position {
            guard position > before else {
                throw Violation(.triedOnce, "\(number) goes back to \(name)")
            }
            let after = profile.rules.fallbackAfter
            let isDue = after.map { choice.since + $0 <= now + .milliseconds(2) } ?? false
            guard isDue || !isServed(choice.names[before]) else {
                throw Violation(.fallbacks, "\(number) goes on to \(name) too early")
            }
        }
        choice.position = position
        choice.since = now
        choice.due = profile.rules.fallbackAfter.map { now + $0 }
        requests[index].choice = choice
        requests[index].demand.model = name
    }

    /// Nobody waits for a model without a server, if there is one of another that its alias lists behind it.
    func checkChoices() throws(Violation) {
        guard scheduler.hasSeveralModels else { return }
        for request in requests where request.isQueued {
            guard let choice = request.choice, let name = choice.name, !isServed(name),
                choice.further.contains(where: isServed)
            else { continue }
            throw Violation(.fallbacks, "\(request.id.rawValue) waits for \(name), which has no server")
        }
    }

    /// After a tick: who has waited long enough has gone on, or looks again each second for whether it can.
    func checkFallbacksDue() throws(Violation) {
        guard profile.rules.fallbackAfter != nil, scheduler.hasSeveralModels else { return }
        for request in requests {
            let slack = Duration.milliseconds(2 + request.attempts)
            guard case .queued(let ticket, _, _) = request.state, let choice = request.choice, let due = choice.due,
                due + slack <= now, !choice.further.isEmpty
            else { continue }
            guard let next = scheduler.fallbackTime(of: ticket), next <= now + .seconds(1) + slack else {
                throw Violation(.fallbacks, "\(request.id.rawValue) should have gone on \(now - due) ago")
            }
        }
    }
}
