/// The product's rule, written down once more in the plainest way, by one who sees into every server's caches.
struct ExactKnowledge: Balancing {
    private struct Waiting {
        let request: SimulatedRequest
        /// The most that another server had of its prompt when it came, in tokens.
        let mostElsewhere: Int
        /// It waits for this one alone, until then; where no other is idle then, for as long again, but not beyond the last.
        var hold: (server: Int, until: Double, patience: Double, last: Double)?
    }

    private let slots: [Int]
    private let secondsOfToken: Double
    private let window: Int
    private var running: [Int]
    private var lastUsed: [Double]
    private var waiting: [Waiting] = []
    private var passes = 0
    private var service = 3.0

    init(machines: [Machine]) {
        slots = machines.map(\.slots)
        secondsOfToken = machines.map { 1 / $0.prefill }.reduce(0, +) / Double(machines.count)
        window = min(max(16, slots.reduce(0, +)), 256)
        running = Array(repeating: 0, count: slots.count)
        lastUsed = Array(repeating: -1, count: slots.count)
    }

    mutating func arrived(_ request: SimulatedRequest, _ servers: [CachingServer], at time: Double) -> Sent {
        let found = servers.map { $0.found(request.prompt) }
        let here = best(found)
        let there = slots.indices.filter { !isIdle($0) }.max { found[$0] < found[$1] }
        var waits = Waiting(request: request, mostElsewhere: found.max() ?? 0)
        if let there {
            let saved = Double(found[there] - (here.map { found[$0] } ?? 0)) * secondsOfToken
            let patience = min(2 * saved, 30)
            if patience > 0.02, here == nil || service / Double(slots[there]) <= patience {
                waits.hold = (there, time + patience, patience, time + min(8 * saved, 30))
            }
        }
        if let here, waits.hold == nil { return [begin(request.number, here)] }
        waiting.append(waits)
        return []
    }

    mutating func ended(_ request: SimulatedRequest, _ servers: [CachingServer], at time: Double) -> Sent {
        let server = request.server
        running[server] -= 1
        lastUsed[server] = time
        service += (request.end - request.sent - service) / 64
        guard let first = waiting.indices.first(where: { mayGo($0, to: server, at: time) }) else { return [] }
        var (chosen, most) = (first, servers[server].found(waiting[first].request.prompt))
        if passes < 3, first + 1 < waiting.count {
            for index in (first + 1)..<min(waiting.count, first + 1 + window) where mayGo(index, to: server, at: time) {
                let found = servers[server].found(waiting[index].request.prompt)
                let isHeldHere = waiting[index].hold?.server == server
                guard found >= most + 64, isHeldHere || found + 64 > waiting[index].mostElsewhere else { continue }
                (chosen, most) = (index, found)
            }
        }
        passes = chosen == first ? 0 : passes + 1
        return [begin(waiting.remove(at: chosen).request.number, server)]
    }

    var nextDue: Double? { waiting.compactMap { $0.hold?.until }.min() }

    mutating func passed(_ servers: [CachingServer], at time: Double) -> Sent {
        var sent: Sent = []
        for index in waiting.indices.reversed() {
            guard let hold = waiting[index].hold, hold.until <= time else { continue }
            if slots.indices.allSatisfy({ !isIdle($0) }), hold.last > time {
                waiting[index].hold?.until = min(time + hold.patience, hold.last)
                continue
            }
            waiting[index].hold = nil
            let prompt = waiting[index].request.prompt
            guard let here = best(servers.indices.map { isIdle($0) ? servers[$0].found(prompt) : 0 }) else { continue }
            sent.append(begin(waiting.remove(at: index).request.number, here))
        }
        return sent
    }

    private func isIdle(_ server: Int) -> Bool { running[server] < slots[server] }

    private func mayGo(_ index: Int, to server: Int, at time: Double) -> Bool {
        guard let hold = waiting[index].hold, hold.until > time else { return true }
        return hold.server == server
    }

    private func best(_ found: [Int]) -> Int? {
        slots.indices.filter(isIdle).min { one, other in
            abs(found[one] - found[other]) >= 64
                ? found[one] > found[other]
                : (running[one], lastUsed[one]) < (running[other], lastUsed[other])
        }
    }

    private mutating func begin(_ request: Int, _ server: Int) -> (Int, Int) {
        running[server] += 1
        return (request, server)
    }
}
