import LlamaServer

/// The agents that have said something and not left, and when each has been silent for too long.
struct AgentDirectory: Sendable {
    struct Agent: Sendable {
        var id: AgentID
        /// The identity of the upstream that it reports, whether or not it owns that.
        var address: NetworkAddress
        /// The upstream that it owns: nobody else speaks for that.
        var upstream: Int?
        var lastReport: Instant
        var maximumSilence: Nanoseconds
        /// When it will have been silent for so long that it is forgotten, after its last report.
        var forgottenAfter: Nanoseconds
        var isSilent = false
        /// Unless it owns an upstream.
        var objection: Standing?
    }

    /// nil: a free place.
    private var agents: [Agent?] = []
    private var free: [Int] = []
    private var indices: [AgentID: Int] = [:]
    private var silences = IndexedHeap<Instant>()

    var count: Int { indices.count }
    /// The next one to have been silent for too long.
    var nextSilence: (agent: Int, instant: Instant)? { silences.first.map { (Int($0.item), $0.key) } }

    func index(of id: AgentID) -> Int? { indices[id] }

    subscript(index: Int) -> Agent? { agents[index] }

    mutating func add(_ id: AgentID, at address: NetworkAddress, now: Instant) -> Int {
        let agent = Agent(id: id, address: address, lastReport: now, maximumSilence: .zero, forgottenAfter: .zero)
        let index: Int
        if let last = free.popLast() {
            index = last
            agents[index] = agent
        } else {
            index = agents.count
            agents.append(agent)
        }
        indices[id] = index
        return index
    }

    mutating func heard(
        _ index: Int,
        from address: NetworkAddress,
        maximumSilence: Nanoseconds,
        forgottenAfter: Nanoseconds,
        at now: Instant
    ) {
        let silence = max(.zero, maximumSilence)
        agents[index]?.address = address
        agents[index]?.lastReport = now
        agents[index]?.maximumSilence = silence
        agents[index]?.forgottenAfter = max(silence, forgottenAfter)
        agents[index]?.isSilent = false
        silences.set(index, to: now.advanced(by: silence))
    }

    /// - Parameter forget: when it will have been silent for so long that it is forgotten.
    mutating func fellSilent(_ index: Int, forgetAt forget: Instant) {
        agents[index]?.isSilent = true
        silences.set(index, to: forget)
    }

    mutating func setUpstream(_ upstream: Int?, of index: Int) {
        agents[index]?.upstream = upstream
        agents[index]?.objection = nil
    }

    mutating func object(_ objection: Standing, to index: Int) {
        agents[index]?.objection = objection
    }

    mutating func remove(_ index: Int) {
        guard let agent = agents[index] else { return }
        indices[agent.id] = nil
        silences.remove(index)
        agents[index] = nil
        free.append(index)
    }
}

extension AgentDirectory {
    func violations() -> [String] {
        var found = silences.violations(name: "silences")
        if silences.count != count { found.append("\(silences.count) silences for \(count) agents") }
        if agents.count - free.count != count { found.append("\(count) agents in \(agents.count) places") }
        return found
    }
}
