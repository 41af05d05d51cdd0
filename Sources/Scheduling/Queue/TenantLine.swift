/// One tenant's requests of one class in one pool: those that wait, and what those that had slots there have cost.
///
/// Virtual counters as in VTC ("Fairness in Serving Large Language Models", OSDI 2024), of slot time: charged by an estimate
/// when a request gets its slot, and corrected when it gives it back.
struct TenantLine: Sendable {
    struct Key: Hashable, Sendable {
        /// The number of its ``ClassQueue``.
        var classNumber: Int
        /// nil: those that share with nobody.
        var tenant: TenantID?
    }

    let key: Key
    /// Among the tenants that have requests; nil: it has none here, or is nobody.
    var tenant: Int?
    var weight = 1
    var queue = RequestQueue()
    /// Among those of its pool in which somebody waits; meaningful while somebody does.
    var place = 0
    /// What it has had, as ``SlotTime``.
    var had: Int64 = 0
    /// Of its requests that have slots, or whose slots cool, or that are held; of tenants alone.
    var running = 0
    /// By which those are charged that get a slot.
    var serviceTime = ServiceTime()

    /// Whether none of its requests refers to it.
    var isIdle: Bool { running == 0 && queue.isEmpty }
}
