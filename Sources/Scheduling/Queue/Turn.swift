/// When one that waits is served, compared with others: by class, then by what its tenant has had, then by arrival.
struct Turn: Comparable, Sendable {
    /// 0: its class has been passed over for long enough; else the rank of its class, and 1.
    var rank: UInt8
    /// What its tenant has had, in the units of ``SlotTime`` among those of one pool; among pools, the number of its last
    /// turn.
    var had: Int64
    var arrival: UInt64

    @inline(__always)
    static func < (one: Turn, other: Turn) -> Bool {
        if one.rank != other.rank { return one.rank < other.rank }
        if one.had != other.had { return one.had < other.had }
        return one.arrival < other.arrival
    }
}
