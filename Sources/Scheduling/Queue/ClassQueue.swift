/// Those of one class that wait in one pool: the lines of its tenants, in the order in which they are served.
struct ClassQueue: Sendable {
    /// Of a line: what its tenant has had, then the arrival of its first.
    struct Place: Comparable, Sendable {
        var had: Int64
        var arrival: UInt64

        @inline(__always)
        static func < (one: Place, other: Place) -> Bool {
            one.had == other.had ? one.arrival < other.arrival : one.had < other.had
        }
    }

    /// How it stands with those in front of it.
    enum Standing: Equatable, Sendable {
        /// Nobody of a better class has got a slot since it was its turn, or nobody waits.
        case inTurn
        /// Somebody has: it is passed over until the moment that `PoolQueues.patience` has.
        case passed
        /// For long enough, but all of its tenants had as much running as they may.
        case impatient
        /// For long enough: the first of this line goes next, whatever others wait.
        ///
        /// - Parameter isWide: whether that one takes several slots.
        case overdue(line: Int, isWide: Bool)
    }

    let pool: Int
    let priority: UInt8
    var standing = Standing.inTurn
    /// Lines with requests that take one slot. Without those whose tenants have as much running as they may.
    var ones = IndexedHeap<Place>()
    /// The same of requests that take several.
    var wides = IndexedHeap<Place>()
    /// What the one had had who got a slot last, or of those who waited then the one that had had least.
    private var hadByLatest: Int64 = 0
    /// The line of those that share with nobody.
    var common: Int?
    /// How many lines have requests that wait, those included whose tenants have as much running as they may.
    var waiting = 0

    init(pool: Int, priority: UInt8) {
        self.pool = pool
        self.priority = priority
    }

    func contains(_ line: Int) -> Bool { ones.contains(line) || wides.contains(line) }

    /// What the one has had that has had least of those that wait; nil: nobody waits.
    var least: Int64? {
        guard let one = ones.first?.key.had else { return wides.first?.key.had }
        return min(one, wides.first?.key.had ?? one)
    }

    /// From where on somebody who comes is counted, so that nobody saves up what was not used.
    var beginning: Int64 { least ?? hadByLatest }

    /// One gets a slot who has had so much.
    mutating func began(_ had: Int64) {
        hadByLatest = max(hadByLatest, min(had, least ?? had))
    }
}
