import Scheduling
import SeededRandom

// What agents do.

extension PlacementSimulation {
    /// Its agent says how it is; it arrives a moment later.
    mutating func say(_ index: Int) {
        let time = max(now + .milliseconds(random.pick([0, 1, 50])), models[index].lastReport)
        models[index].lastReport = time
        events.add(.report(index, models[index].process, refusals: models[index].refusals), at: time)
    }

    mutating func arrive(_ index: Int, _ process: SimulatedModel.Process) throws(Violation) {
        var model = models[index]
        model.refusals = model.refusalsTold
        models[index].isConnected = true
        trace.note("\(model.agent) says \(process), \(model.refusals) refused")
        models[index].told = process
        let report = model.report(
            process,
            hostMemory: hostMemories[model.host],
            hostModels: announces ? models.filter { $0.host == model.host }.map(\.name) : [],
            at: now
        )
        try carryOut(scheduler.reported(report, at: now))
    }

    mutating func wished(_ wish: ModelWish, _ agent: AgentID) throws(Violation) {
        guard let index = models.firstIndex(where: { $0.agent == agent }) else {
            throw Violation(.noPhantoms, "\(agent) is to \(wish), and isn't there")
        }
        trace.note("\(agent) is to \(wish)")
        try check(wish, of: index)
        guard !random.chance(trouble) else { return refuse(index) }
        switch wish {
        case .load: try load(index)
        case .unload:
            guard !models[index].isPinned else { return refuse(index) }
            if case .ready(let since) = models[index].process, now - since < models[index].loadTime {
                return refuse(index)
            }
            try unload(index)
        }
    }

    private mutating func refuse(_ index: Int) {
        models[index].refusals += 1
        say(index)
    }

    private mutating func load(_ index: Int) throws(Violation) {
        guard !models[index].process.hasMemory else { return }
        let host = models[index].host
        let there = models.filter { $0.host == host && $0.process.hasMemory } + [models[index]]
        guard there.reduce(0, { $0 + $1.memory.told }) <= hostMemories[host] else { return refuse(index) }
        // More than its agent knew.
        let isTooLarge = there.reduce(0) { $0 + $1.memory.real } > hostMemories[host]
        if let pause = models[index].pausedUntil, pause > now { return refuse(index) }
        models[index].process = .loading
        models[index].isWished = true
        models[index].generation += 1
        let generation = models[index].generation
        let end = now + models[index].loadTime
        if isTooLarge || !isCalm && random.chance(models[index].failing) {
            events.add(.crashed(index, generation: generation), at: end)
        } else {
            events.add(.loaded(index, generation: generation), at: end)
        }
        say(index)
    }

    mutating func loaded(_ index: Int) throws(Violation) {
        guard models[index].process == .loading else { return }
        models[index].process = .ready(since: now)
        models[index].pausedUntil = nil
        say(index)
    }

    mutating func crashed(_ index: Int) throws(Violation) {
        guard models[index].process == .loading else { return }
        models[index].process = .failed
        models[index].isWished = false
        models[index].pausedUntil = now + .seconds(1)
        say(index)
    }

    mutating func unload(_ index: Int) throws(Violation) {
        models[index].isWished = false
        switch models[index].process {
        case .absent, .failed, .leaving: return
        case .loading:
            models[index].generation += 1
            models[index].process = .absent
        case .ready: models[index].process = .leaving
        }
        say(index)
    }

    mutating func drained(_ agent: AgentID) throws(Violation) {
        guard let index = models.firstIndex(where: { $0.agent == agent }), models[index].process == .leaving else {
            return
        }
        guard !running.contains(where: { $0.model == index }) else {
            throw Violation(.unloadedUnused, "\(agent) unloads its model although something runs there")
        }
        models[index].process = .absent
        models[index].generation += 1
        say(index)
    }

    /// What runs there goes on; the agent comes back soon.
    mutating func loseConnection(of index: Int) throws(Violation) {
        trace.note("\(models[index].agent) loses its connection")
        models[index].isConnected = false
        try carryOut(scheduler.agentLeft(models[index].agent, .connectionEnded, at: now))
        let back = max(now + .milliseconds(random.pick([1, 500, 20_000])), models[index].lastReport)
        models[index].lastReport = back
        events.add(.reconnected(index), at: back)
    }
}
