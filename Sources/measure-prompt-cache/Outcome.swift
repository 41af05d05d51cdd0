/// What came of a workload, or of several.
struct Outcome {
    /// Tokens of prompts that were computed, for each that a cache would compute that is endless and everywhere.
    let computed: Double
    /// From arrival to the first token, in seconds, in ascending order.
    let times: [Double]
    /// Seconds that one has waited for a slot at most.
    let longestWait: Double
    /// Tokens generated a second, from the first arrival to the last end.
    let throughput: Double
    /// By how much the busiest server was busier than on average.
    let spread: Double

    init(_ requests: [SimulatedRequest], _ servers: [CachingServer]) {
        let computed = servers.reduce(0) { $0 + $1.computed }
        self.computed = Double(computed) / Double(Self.fewest(requests))
        times = requests.map { $0.firstToken - $0.arrival }.sorted()
        longestWait = requests.map { $0.sent - $0.arrival }.max() ?? 0
        let begin = requests.map(\.arrival).min() ?? 0
        let end = requests.map(\.end).max() ?? 1
        throughput = requests.reduce(0) { $0 + Double($1.generated) } / max(1, end - begin)
        let busy = servers.map(\.busy)
        spread = (busy.max() ?? 0) / max(1e-9, busy.reduce(0, +) / Double(busy.count)) - 1
    }

    /// - Parameter outcomes: not empty.
    init(of outcomes: [Outcome]) {
        let mean = { (value: (Outcome) -> Double) in outcomes.map(value).reduce(0, +) / Double(outcomes.count) }
        computed = mean(\.computed)
        times = outcomes.flatMap(\.times).sorted()
        longestWait = outcomes.map(\.longestWait).max() ?? 0
        throughput = mean(\.throughput)
        spread = mean(\.spread)
    }

    /// What an endless cache for all would compute.
    private static func fewest(_ requests: [SimulatedRequest]) -> Int {
        var known: Set<UInt64> = []
        var computed = 0
        for request in requests {
            let parts = request.prompt.parts
            let found = parts.prefix { known.contains($0.text) }.reduce(0) { $0 + $1.tokens }
            computed += max(1, request.prompt.tokens - found)
            known.formUnion(parts.map(\.text))
            known.insert(request.answer.text)
        }
        return computed
    }

    var mean: Double { times.reduce(0, +) / Double(max(1, times.count)) }

    func quantile(_ share: Double) -> Double {
        times.isEmpty ? 0 : times[min(times.count - 1, Int(share * Double(times.count)))]
    }
}
