import Scheduling

extension PlacementSimulation {
    /// A look of the scheduler's comes so late at most, beside what reports need.
    private static let slack = Duration.seconds(1)

    func checkLease(_ lease: Lease, for model: String, on index: Int) throws(Violation) {
        guard models[index].name == model else {
            throw Violation(.rightModel, "\(lease.request.rawValue) for \(model) goes to \(models[index].agent)")
        }
        guard case .ready = models[index].told else {
            throw Violation(.onlyUsable, "\(lease.request.rawValue) goes to \(models[index].agent), which isn't ready")
        }
    }

    func check(_ wish: ModelWish, of index: Int) throws(Violation) {
        let model = models[index]
        switch wish {
        case .load:
            guard waiting.contains(where: { $0.model == model.name }) else {
                throw Violation(.loadedForSomebody, "\(model.agent) is to load, and nobody waits")
            }
            guard !model.told.hasMemory else {
                throw Violation(.loadedForSomebody, "\(model.agent) is to load what it has told to be there")
            }
            let other = models.first { $0.name == model.name && $0.isConnected && $0.told == .loading }
            if let other {
                throw Violation(.loadedForSomebody, "\(model.agent) is to load what \(other.agent) is loading")
            }
            let used = models.filter { $0.host == model.host && $0.isConnected && $0.told.hasMemory }.reduce(0) {
                $0 + $1.memory.told
            }
            guard used + model.memory.told <= hostMemories[model.host] else {
                throw Violation(
                    .memoryIsThere,
                    "\(model.agent) is to load beside \(used) of \(hostMemories[model.host])"
                )
            }
        case .unload:
            guard !model.isPinned else { throw Violation(.stays, "\(model.agent) is to unload what is pinned") }
            guard case .ready(let since) = model.told, now - since < model.loadTime else { return }
            throw Violation(
                .stays,
                "\(model.agent) is to unload after \(now - since), and loading took \(model.loadTime)"
            )
        }
    }

    mutating func rejected(_ id: RequestID, _ rejection: Rejection) throws(Violation) {
        guard let index = waiting.firstIndex(where: { $0.id == id }) else {
            throw Violation(.theEndIsTheEnd, "\(id.rawValue) doesn't wait and was rejected")
        }
        let refused = waiting.remove(at: index)
        guard case .modelFailed = rejection else {
            throw Violation(.nothingIsLost, "\(id.rawValue) for \(refused.model) was rejected: \(rejection)")
        }
        let hopeful = models.first { model in
            model.name == refused.model && model.memory.told <= hostMemories[model.host] && model.told != .failed
        }
        if let hopeful {
            throw Violation(
                .hopeless,
                "\(id.rawValue) for \(refused.model) was rejected, and \(hopeful.agent) could load it"
            )
        }
        trace.note("\(id.rawValue) for \(refused.model) is told that it can't be loaded")
    }

    /// After every input.
    mutating func check() throws(Violation) {
        let violations = scheduler.violations()
        guard violations.isEmpty else { throw Violation(.books, violations) }
        guard scheduler.queuedCount == waiting.count else {
            throw Violation(.nothingIsLost, "\(waiting.count) wait, and the scheduler has \(scheduler.queuedCount)")
        }
        for host in hostMemories.indices {
            let used = models.filter { $0.host == host && $0.process.hasMemory }.reduce(0) { $0 + $1.memory.told }
            guard used <= hostMemories[host] else {
                throw Violation(.memoryIsThere, "host \(host) is beyond its memory")
            }
        }
        try checkVainLoads()
        try checkTurn()
    }

    /// Of those whose model isn't there, whoever has waited longest is next, and so nobody waits for ever while others come.
    private mutating func checkTurn() throws(Violation) {
        let there = Set(models.filter(\.isTakingRequests).map(\.name))
        guard let first = waiting.first(where: { !there.contains($0.model) }) else { return longest = nil }
        guard let longest, longest.id == first.id else { return longest = (first.id, now) }
        guard isReliable, now - longest.since > turnLimit else { return }
        throw Violation(
            .servedInTurn,
            "\(first.id.rawValue) for \(first.model) has been the first of all for \(now - longest.since)"
        )
    }

    /// What loads by the scheduler's wish for nobody is given up after five seconds.
    private mutating func checkVainLoads() throws(Violation) {
        for index in models.indices {
            let isVain =
                models[index].told == .loading && models[index].process == .loading && models[index].isWished
                && !models[index].isPinned
                && trouble == 0 && !waiting.contains { $0.model == models[index].name }
            guard isVain else {
                models[index].loadsInVainSince = nil
                continue
            }
            let since = models[index].loadsInVainSince ?? now
            models[index].loadsInVainSince = since
            guard now - since <= .seconds(5) + Self.slack else {
                throw Violation(
                    .loadedForSomebody,
                    "\(models[index].agent) has been loading for nobody for \(now - since)"
                )
            }
        }
    }
}
