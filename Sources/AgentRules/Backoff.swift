/// How long to wait before trying again: 100 ms, growing by half each time, to 5 s; less by chance, so that many who
/// lost the same peer don't come back as one.
package struct Backoff: Equatable, Sendable {
    package static let shortest = Duration.milliseconds(100)
    package static let longest = Duration.seconds(5)

    private var current = Self.shortest

    package init() {}

    /// - Returns: between half of this time's delay and all of it.
    package mutating func next(using generator: inout some RandomNumberGenerator) -> Duration {
        let delay = current
        current = min(current * 1.5, Self.longest)
        return delay * Double.random(in: 0.5...1, using: &generator)
    }

    /// It worked.
    package mutating func reset() {
        current = Self.shortest
    }

    /// It cannot work soon.
    package mutating func saturate() {
        current = Self.longest
    }
}
