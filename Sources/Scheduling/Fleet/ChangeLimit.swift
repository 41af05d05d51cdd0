/// How often something may change within a minute, for each of many.
struct ChangeLimit<Key: Hashable & Sendable>: Sendable {
    private struct Window {
        var since: Instant
        var changes: Int
    }

    /// Of more, none is limited until there is room.
    private static var mostKeys: Int { 16_384 }
    private static var length: Nanoseconds { Nanoseconds(count: 60_000_000_000) }

    let limit: Int
    private var windows: [Key: Window] = [:]
    private var lastTidied = Instant(nanoseconds: .min)

    init(limit: Int) {
        self.limit = limit
    }

    /// Counts one change.
    /// - Returns: whether it is within the limit.
    mutating func allows(_ key: Key, at now: Instant) -> Bool {
        if let window = windows[key], now.since(window.since) < Self.length {
            guard window.changes < limit else { return false }
            windows[key]?.changes += 1
            return true
        }
        if windows[key] == nil, windows.count >= Self.mostKeys {
            tidy(at: now)
            guard windows.count < Self.mostKeys else { return true }
        }
        windows[key] = Window(since: now, changes: 1)
        return true
    }

    private mutating func tidy(at now: Instant) {
        // Looking through all of them at every stranger would be a way to keep the balancer busy.
        guard now.since(lastTidied) >= Nanoseconds(count: 1_000_000_000) else { return }
        lastTidied = now
        windows = windows.filter { now.since($0.value.since) < Self.length }
    }
}
