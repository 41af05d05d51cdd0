/// For how long requests have their slots, as far as the latest ones tell.
struct ServiceTime: Sendable {
    /// A new one weighs a sixteenth: a fleet that has changed is known after some tens of requests.
    private static let shift = 4

    /// nil: none has been answered yet.
    private(set) var average: Nanoseconds?

    mutating func note(_ time: Nanoseconds) {
        guard let average else { return self.average = time }
        self.average = Nanoseconds(count: average.count + (time - average).count >> Self.shift)
    }

    /// How long a request waits behind `ahead` others for one of `slots` slots; nil: nobody can tell.
    func expectedWait(ahead: Int, slots: Int) -> Nanoseconds? {
        guard let average, slots > 0 else { return nil }
        let turns = Double(ahead + 1) / Double(slots)
        // 2^63 nanoseconds are 292 years, and more than the number holds.
        let wait = min((Double(average.count) * turns).rounded(), 0x1p62)
        return Nanoseconds(count: Int64(wait))
    }
}
