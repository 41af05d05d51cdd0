/// How long to wait before trying again: 100 ms, growing by half each time, to 5 s; less by chance, so that many who
/// lost the same peer don't come back as one.
struct Backoff: Equatable, Sendable {
    static let shortest = Duration.milliseconds(100)
    static let longest = Duration.seconds(5)

    private var current = Self.shortest

    /// - Returns: between half of this time's delay and all of it.
    mutating func next(using generator: inout some RandomNumberGenerator) -> Duration {
        let delay = current
        current = min(current * 1.5, Self.longest)
        return delay * Double.random(in: 0.5...1, using: &generator)
    }

    /// It worked.
    mutating func reset() {
        current = Self.shortest
    }

    /// It cannot work soon.
    mutating func saturate() {
        current = Self.longest
    }
}
