import Scheduling
import SeededRandom

/// What several balancers make of requests that come by chance, in simulated time.
public struct BalancerLoad {
    /// How many balancers there are.
    public var balancers = 1
    /// Whether they tell each other their leases.
    public var isShared = true
    /// The way of a message, at most and up to a fifth less.
    public var delay = Duration.milliseconds(5)
    /// Of all slots, that are busy on average.
    public var share = 0.9
    public var requests = 60_000
    public var seed: UInt64 = 1

    var figures = Figures()
    private var arrivals = SplitMix64(seed: 0)
    private var left = 0

    static let servers = 16
    static let slots = 4
    static let meanWork = 8.0

    public struct Figures: Sendable {
        /// Until a slot began with each, in seconds.
        public var waits: [Double] = []
        /// Sent to a server without an idle slot.
        public var inside = 0
        /// The same while another one had an idle slot.
        public var misplaced = 0
        /// `leases`.
        public var linesToAgents = 0
        /// `others`.
        public var linesToBalancers = 0

        public var mean: Double { waits.isEmpty ? 0 : waits.reduce(0, +) / Double(waits.count) }

        public func quantile(_ share: Double) -> Double {
            let sorted = waits.sorted()
            return sorted.isEmpty ? 0 : sorted[min(sorted.count - 1, Int(Double(sorted.count) * share))]
        }
    }

    public init() {}

    public func run() -> Figures {
        var load = self
        load.left = requests
        load.arrivals = SplitMix64(seed: seed)
        var profile = BalancerProfile(
            servers: Array(repeating: Self.slots, count: Self.servers),
            delay: delay
        )
        profile.shortestDelay = 80
        profile.balancers = balancers
        profile.hasOlderAgents = !isShared
        var world = BalancerWorld(profile, SplitMix64(seed: seed &+ 1), trace: Trace(length: 0))
        world.load = load
        world.plan(.nextArrives, in: .seconds(10))
        while let now = world.load, now.left > 0 || !world.requests.isEmpty {
            guard (try? world.next(until: Instant(nanoseconds: .max))) == true else { break }
        }
        return world.load?.figures ?? Figures()
    }

    mutating func began(after wait: Duration) {
        figures.waits.append(Double(wait.nanoseconds) / 1e9)
    }

    /// The next request: when the one after it comes, how long it takes, and to which balancer it comes. The same whatever
    /// else differs.
    mutating func next() -> (pause: Duration?, work: Duration, choice: Int) {
        left -= 1
        let rate = share * Double(Self.servers * Self.slots) / Self.meanWork
        let pause = exponential(1 / rate)
        let work = exponential(Self.meanWork)
        return (left > 0 ? pause : nil, work, Int(arrivals.next() >> 33))
    }

    private mutating func exponential(_ mean: Double) -> Duration {
        let uniform = (Double(arrivals.next() >> 11) + 0.5) / Double(1 << 53)
        return .nanoseconds(Int64(-mean * logarithm(uniform) * 1e9))
    }

    /// Natural, of 0 < x < 1, without a library: from the binary exponent, and a series for the rest.
    private func logarithm(_ x: Double) -> Double {
        let fraction = x.significand / 1.5
        let z = (fraction - 1) / (fraction + 1)
        var term = z
        var sum = 0.0
        for number in stride(from: 1.0, through: 25, by: 2) {
            sum += term / number
            term *= z * z
        }
        return 2 * sum + Double(x.exponent) * 0.693_147_180_559_945_3 + 0.405_465_108_108_164_4
    }
}

extension BalancerWorld {
    mutating func nextArrives() {
        guard let next = load?.next() else { return }
        if let pause = next.pause { plan(.nextArrives, in: pause) }
        submit(to: next.choice % profile.balancers, work: next.work)
    }
}
