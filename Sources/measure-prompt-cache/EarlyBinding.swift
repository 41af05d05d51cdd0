import LlamaServer

/// Rivals that choose a server when a request comes, before which it then waits if need be.
struct EarlyBinding: Balancing {
    enum Rule {
        /// HAProxy's `hash-type consistent` of the session, with `hash-balance-factor`: no server has more than so many times
        /// its share.
        case session(factor: Double)
        /// sglang's router, `cache_aware`: the server that was sent most of the prompt before, if that is more than 0.3 of it;
        /// else, and when loads differ by more than so many requests and by half, the one with the fewest.
        case sentBefore(imbalance: Int)
        /// HAProxy's `leastconn`.
        case fewest
    }

    private let rule: Rule
    private var waiting: [[Int]]
    private var running: [Int]
    private let slots: [Int]
    private var sent: [UInt64: Int] = [:]
    private var lastChosen: [Int]
    private var choices = 0

    init(_ rule: Rule, machines: [Machine]) {
        self.rule = rule
        slots = machines.map(\.slots)
        waiting = Array(repeating: [], count: slots.count)
        running = Array(repeating: 0, count: slots.count)
        lastChosen = running
    }

    mutating func arrived(_ request: SimulatedRequest, _: [CachingServer], at _: Double) -> Sent {
        let server = choose(request)
        choices += 1
        lastChosen[server] = choices
        guard running[server] < slots[server] else {
            waiting[server].append(request.number)
            return []
        }
        running[server] += 1
        return [(request.number, server)]
    }

    mutating func ended(_ request: SimulatedRequest, _: [CachingServer], at _: Double) -> Sent {
        running[request.server] -= 1
        guard !waiting[request.server].isEmpty else { return [] }
        running[request.server] += 1
        return [(waiting[request.server].removeFirst(), request.server)]
    }

    let nextDue: Double? = nil

    mutating func passed(_: [CachingServer], at _: Double) -> Sent { [] }

    private func load(_ server: Int) -> Int { running[server] + waiting[server].count }

    private var leastLoaded: Int {
        slots.indices.min { (load($0), lastChosen[$0]) < (load($1), lastChosen[$1]) } ?? 0
    }

    private mutating func choose(_ request: SimulatedRequest) -> Int {
        switch rule {
        case .fewest: return leastLoaded
        case .session(let factor):
            let all = slots.indices.reduce(1) { $0 + load($1) }
            let limit = Int((factor * Double(all) / Double(slots.count)).rounded(.up))
            let open = slots.indices.filter { load($0) < limit }
            return open.max { weight(request, $0) < weight(request, $1) } ?? leastLoaded
        case .sentBefore(let imbalance):
            let trail = request.prompt.trail
            let loads = slots.indices.map(load)
            let (least, most) = (loads.min() ?? 0, loads.max() ?? 0)
            var server = leastLoaded
            if most - least <= imbalance || Double(most) <= 1.5 * Double(least), let trail,
                let last = trail.hashes.lastIndex(where: { sent[$0] != nil }),
                Double(PromptTrail.position(of: last)) > 0.3 * Double(trail.bytes), let known = sent[trail.hashes[last]]
            {
                server = known
            }
            for hash in trail?.hashes ?? [] { sent[hash] = server }
            return server
        }
    }

    private func weight(_ request: SimulatedRequest, _ server: Int) -> UInt64 {
        let product = (UInt64(request.conversation) &+ 0x9E37_79B9_7F4A_7C15)
            .multipliedFullWidth(by: UInt64(server) &* 0xD1B5_4A32_D192_ED03 | 1)
        return (product.high ^ product.low) &* 0xBF58_476D_1CE4_E5B9
    }
}
