/// How many servers there are of each kind. Bounded by their number.
///
/// Thousands of servers are of a handful of kinds, and one that comes or goes is mostly one of many.
struct ServerKinds: Sendable {
    private var counts: [ServerKind: Int] = [:]
    /// Those that have come, or gone, since ``settle()`` was called last.
    private var changed: Set<ServerKind> = []

    /// Whether there are other kinds than when ``settle()`` was called last.
    var haveChanged: Bool { !changed.isEmpty }

    /// Each once, in no order.
    var all: some Collection<ServerKind> { counts.keys }

    mutating func add(_ kind: ServerKind) {
        let count = counts[kind, default: 0] + 1
        counts[kind] = count
        if count == 1 { noteChange(kind) }
    }

    mutating func remove(_ kind: ServerKind) {
        guard let count = counts[kind] else { return }
        counts[kind] = count > 1 ? count - 1 : nil
        if count == 1 { noteChange(kind) }
    }

    mutating func settle() {
        changed.removeAll()
    }

    /// A kind that comes and goes again is no change.
    private mutating func noteChange(_ kind: ServerKind) {
        if changed.remove(kind) == nil { changed.insert(kind) }
    }
}

extension ServerKinds {
    /// Whether these, and no others, are what has been counted.
    func areOf(_ servers: [ServerKind]) -> Bool {
        var counts: [ServerKind: Int] = [:]
        for kind in servers { counts[kind, default: 0] += 1 }
        return counts == self.counts
    }
}
