import ArgumentParser
import SchedulingSimulation

@main
struct MeasureBalancers: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Compares one balancer with several over the same servers, in simulated time.",
        discussion: """
            16 servers of 4 slots; answers take 8 s on average, exponentially; each request comes to a balancer by chance. All see the \
            same requests. "Inside" were sent to a server without an idle slot, "misplaced" while another one had one.
            """
    )

    @Option(help: "How many workloads; a figure is the mean over them.")
    var seeds = 5

    @Option(help: "Requests in each.")
    var requests = 60_000

    @Option(help: "Of all slots, that are busy on average, in percent.")
    var load = [90, 70]

    @Option(help: "The way of a message, in milliseconds.")
    var delay = [5, 50]

    func run() {
        print("| load | balancers | mean wait | p99 | inside | misplaced | lines for each request |")
        print("|--:|---|--:|--:|--:|--:|--:|")
        for share in load {
            line(share, "1", balancers: 1, isShared: false, delay: 5)
            for balancers in [2, 4] {
                line(share, "\(balancers), that tell nothing", balancers: balancers, isShared: false, delay: 5)
                for delay in delay {
                    line(share, "\(balancers), \(delay) ms", balancers: balancers, isShared: true, delay: delay)
                }
            }
        }
    }

    private func line(_ share: Int, _ name: String, balancers: Int, isShared: Bool, delay: Int) {
        let outcomes = (1...UInt64(max(1, seeds))).map { seed in
            var load = BalancerLoad()
            load.balancers = balancers
            load.isShared = isShared
            load.delay = .milliseconds(delay)
            load.share = Double(share) / 100
            load.requests = requests
            load.seed = seed
            return load.run()
        }
        let mean = { (figure: (BalancerLoad.Figures) -> Double) in
            outcomes.reduce(0) { $0 + figure($1) } / Double(outcomes.count)
        }
        let each = 1 / Double(max(1, requests))
        print(
            "| \(share) % | \(name) | \(fixed(mean(\.mean), 3)) s | \(fixed(mean { $0.quantile(0.99) }, 1)) s "
                + "| \(fixed(100 * each * mean { Double($0.inside) }, 2)) % "
                + "| \(fixed(100 * each * mean { Double($0.misplaced) }, 2)) % "
                + "| \(fixed(each * mean { Double($0.linesToAgents) }, 2)) + \(fixed(each * mean { Double($0.linesToBalancers) }, 2)) |"
        )
    }

    private func fixed(_ value: Double, _ digits: Int) -> String {
        let power = (0..<digits).reduce(1) { power, _ in power * 10 }
        let whole = Int((value * Double(power)).rounded())
        let rest = "\(whole % power)"
        return "\(whole / power)." + String(repeating: "0", count: digits - rest.count) + rest
    }
}
