import LlamaServer

/// Prompts of other balancers' requests that run, by upstream.
///
/// Bounded: twice an upstream's slots, and 256. One whose end is never heard of goes when there are too many, or with all of its upstream's.
struct ForeignPrompts: Sendable {
    struct Running: Sendable {
        var trail: PromptTrail
        var used: PrefixLedger.Used?
    }

    static let mostOfUpstream = 256

    /// Oldest first; none is empty.
    private var running: [Int: [Running]] = [:]

    /// - Parameter slots: of the upstream. Others may have sent as many again by mistake; then ends were lost.
    /// - Returns: the one that had to make room, if any.
    mutating func add(_ prompt: Running, at upstream: Int, slots: Int) -> Running? {
        let most = min(Self.mostOfUpstream, 2 * max(1, slots))
        let isFull = (running[upstream]?.count ?? 0) >= most
        let oldest = isFull ? running[upstream]?.removeFirst() : nil
        running[upstream, default: []].append(prompt)
        return oldest
    }

    /// - Returns: the newest with that name; nil: its beginning wasn't heard of.
    mutating func remove(_ name: UInt64, at upstream: Int) -> Running? {
        guard let index = running[upstream]?.lastIndex(where: { $0.trail.name == name }) else { return nil }
        let prompt = running[upstream]?.remove(at: index)
        if running[upstream]?.isEmpty == true { running[upstream] = nil }
        return prompt
    }

    mutating func removeAll(at upstream: Int) -> [Running] {
        running.removeValue(forKey: upstream) ?? []
    }

    /// How many have used something up.
    var usedCount: Int {
        running.values.reduce(0) { $0 + $1.count { $0.used?.usesUp == true } }
    }

    var upstreams: some Collection<Int> { running.keys }
}
