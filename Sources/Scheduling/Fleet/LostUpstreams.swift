import LlamaServer

/// The upstreams that went without a word, until they come back, an operator forgets them, or they have been gone for
/// long.
struct LostUpstreams: Sendable {
    /// Of more, those that were lost first are forgotten.
    static let limit = 1024

    private var lost: [NetworkAddress: LostUpstream] = [:]
    /// No later than the first one's loss.
    private var earliest: Instant?
    private let memory: Nanoseconds
    /// Whether others are lost than when ``settle()`` was called last.
    private(set) var hasChanged = false

    init(memory: Nanoseconds) {
        self.memory = memory
    }

    var count: Int { lost.count }

    /// - Parameter isDraining: told its identity; nil: it is to be left out.
    func all(_ isDraining: (NetworkAddress) -> Bool?) -> [LostUpstream] {
        lost.compactMap { identity, upstream in
            guard let isDraining = isDraining(identity) else { return nil }
            var upstream = upstream
            upstream.isDraining = isDraining
            return upstream
        }
    }

    subscript(address: NetworkAddress) -> LostUpstream? { lost[address.identity] }

    mutating func add(_ upstream: LostUpstream) {
        guard memory > .zero else { return }
        hasChanged = true
        if lost.count >= Self.limit, let first = lost.min(by: { $0.value.since < $1.value.since }) {
            lost[first.key] = nil
        }
        lost[upstream.address.identity] = upstream
        earliest = min(earliest ?? upstream.since, upstream.since)
    }

    /// - Parameter address: the ``NetworkAddress/identity`` of one.
    mutating func remove(_ address: NetworkAddress) -> LostUpstream? {
        let found = lost.removeValue(forKey: address)
        if found != nil { hasChanged = true }
        if lost.isEmpty { earliest = nil }
        return found
    }

    /// What each of them served; O(lost).
    var served: [ServerKind] {
        lost.values.map { ServerKind(models: $0.models, traits: ServerTraits(role: $0.role, context: $0.contextSize)) }
    }

    /// It has been looked at what they served.
    mutating func settle() {
        hasChanged = false
    }

    /// When the next one may have been gone for long.
    var nextExpiry: Instant? { earliest?.advanced(by: memory) }

    mutating func expire(at now: Instant) {
        guard let nextExpiry, nextExpiry <= now else { return }
        lost = lost.filter { now.since($0.value.since) < memory }
        hasChanged = true
        earliest = lost.values.map(\.since).min()
    }
}
