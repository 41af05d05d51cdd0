import Benchmark

func scheduling() {
    for count in [10, 10_000] {
        Benchmark("submit and finish, \(count) upstreams of 8 slots, half of them busy") { benchmark, fleet in
            for _ in benchmark.scaledIterations { fleet.finishAndSubmit() }
        } setup: {
            BusyFleet(upstreams: count)
        }
    }
}
