/// What time it is at the balancer, by what it said and how long ago that was.
struct BalancerClock: Equatable, Sendable {
    private var said: Double?
    private var heardAt: Duration = .zero

    /// - Parameter time: seconds since 1970.
    mutating func hear(_ time: Double, at now: Duration) {
        // It says the same until its next sample.
        guard time != said else { return }
        said = time
        heardAt = now
    }

    func time(at now: Duration) -> Double? {
        said.map { $0 + (now - heardAt) / .seconds(1) }
    }
}
