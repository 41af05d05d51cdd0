/// What became of each request that got a slot, by its `X-Request-Id`: whoever injects faults sees here what was done twice.
struct Journal {
    struct Entry: Codable {
        /// How often it got a slot.
        var started = 0
        /// How often the first byte of an answer was sent.
        var answered = 0
    }

    /// Later ones aren't noted.
    private static let maximum = 1 << 17

    private(set) var entries: [String: Entry] = [:]

    mutating func note(_ identifier: String, _ change: (inout Entry) -> Void) {
        guard entries.count < Self.maximum || entries[identifier] != nil else { return }
        change(&entries[identifier, default: Entry()])
    }
}
