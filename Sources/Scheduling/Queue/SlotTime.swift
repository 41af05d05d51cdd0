/// Time for which slots were used, in parts of 64 ns, divided by the weight of who used them: a fleet of 1,000 slots counts for 18
/// years.
enum SlotTime {
    private static let shift = 6

    static func of(_ time: Nanoseconds, slots: Int, weight: Int) -> Int64 {
        max(0, time.count) >> shift * Int64(slots) / Int64(weight)
    }
}
