import Benchmark

// What a request and an answer are made of, each by itself. Each sample is a thousand calls; shown is the time of one.

let benchmarks: @Sendable () -> Void = {
    Benchmark.defaultConfiguration = .init(
        metrics: [.wallClock, .throughput],
        scalingFactor: .kilo,
        maxDuration: .seconds(2)
    )
    framing()
    bodies()
    reports()
    scheduling()
}
