import SeededRandom

/// Requests for a few models, of which one is asked for much more often than the others, alone and in bursts; some clients leave.
struct Workload {
    struct Request {
        /// Nanoseconds since the beginning.
        var arrival: Int64
        var model: Int
        /// How long its answer takes, in nanoseconds.
        var service: Int64
        /// How long its client waits for it, in nanoseconds; nil: for ever.
        var patience: Int64?
    }

    let requests: [Request]
    let models: Int

    /// - Parameters:
    ///   - gap: between two arrivals, on average, in milliseconds.
    ///   - leavers: of a hundred clients.
    init(seed: UInt64, count: Int, models: Int, gap: Int, leavers: Int = 5) {
        var random = SplitMix64(seed: seed)
        let weights = (1...models).map { 60 / $0 }
        let sum = weights.reduce(0, +)
        var requests: [Request] = []
        var time: Int64 = 0
        while requests.count < count {
            time += Int64(random.below(2 * gap + 1)) * 1_000_000
            var ticket = random.below(sum)
            let model = weights.firstIndex { weight in
                ticket -= weight
                return ticket < 0
            }
            for _ in 0..<(random.chance(10) ? 8 : 1) where requests.count < count {
                requests.append(
                    Request(
                        arrival: time,
                        model: model ?? 0,
                        service: Int64(200 + random.below(1800)) * 1_000_000,
                        patience: random.chance(leavers) ? Int64(random.below(5000)) * 1_000_000 : nil
                    )
                )
            }
        }
        self.requests = requests
        self.models = models
    }
}

/// One host.
struct Machine {
    /// How many models it has room for.
    var room: Int
    /// Requests that a model's server answers at a time.
    var slots: Int
    /// In nanoseconds.
    var loadTime: Int64
}

/// What came of a workload.
struct Outcome {
    var loads = 0
    var left = 0
    /// From arrival to slot, in milliseconds, of those who got one.
    var waits: [Double] = []

    var mean: Double { waits.isEmpty ? 0 : waits.reduce(0, +) / Double(waits.count) }

    func quantile(_ share: Double) -> Double {
        let sorted = waits.sorted()
        return sorted.isEmpty ? 0 : sorted[min(sorted.count - 1, Int(share * Double(sorted.count)))]
    }
}
