import ArgumentParser

@main
struct MeasurePlacement: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Compares rules of which models are loaded on one machine, in simulated time.",
        discussion: """
            Three models, room for two, 500 requests, of which 60 in 110 are for one model, 30 for the second and 20 for the third, alone \
            and in bursts of eight; one client in twenty leaves within five seconds. The rules see the same requests.
            """
    )

    @Option(help: "How many workloads; a figure is the mean over them.")
    var seeds = 20

    @Option(help: "Requests in each.")
    var requests = 500

    @Option(help: "How long a load takes, in seconds.")
    var load = [1, 5, 20]

    @Option(help: "Between two arrivals, on average, in milliseconds.")
    var gap = [500, 1000, 3000]

    func run() {
        print("| load | between arrivals | rule | loads | answered | mean wait | p50 | p99 |")
        print("|--:|--:|---|--:|--:|--:|--:|--:|")
        for load in load {
            for gap in gap { compare(load: load, gap: gap) }
        }
    }

    private func compare(load: Int, gap: Int) {
        let machine = Machine(room: 2, slots: 4, loadTime: Int64(load) * 1_000_000_000)
        let workloads = (1...UInt64(max(1, seeds))).map { Workload(seed: $0, count: requests, models: 3, gap: gap) }
        let rules: [(String, (Workload) -> Outcome)] = [
            ("paddler", { PaddlerHost.run($0, on: machine) }),
            ("first come, first served", { QueueHost.run($0, on: machine, .firstComeFirstServed) }),
            ("far-sighted", { QueueHost.run($0, on: machine, .farSighted) }),
        ]
        for (name, rule) in rules {
            let outcomes = workloads.map(rule)
            let mean = { (figure: (Outcome) -> Double) in
                outcomes.reduce(0) { $0 + figure($1) } / Double(outcomes.count)
            }
            print(
                "| \(load) s | \(gap) ms | \(name) | \(Int(mean { Double($0.loads) }.rounded())) "
                    + "| \(Int(mean { Double($0.waits.count) }.rounded())) "
                    + "| \(seconds(mean(\.mean))) | \(seconds(mean { $0.quantile(0.5) })) | \(seconds(mean { $0.quantile(0.99) })) |"
            )
        }
    }

    private func seconds(_ milliseconds: Double) -> String {
        let tenths = Int((milliseconds / 100).rounded())
        return "\(tenths / 10).\(tenths % 10) s"
    }
}
