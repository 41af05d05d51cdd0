import ArgumentParser
import Scheduling

@main
struct MeasurePromptCache: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "measure-prompt-cache",
        abstract: "Compares who finds prompts in a fleet's caches, in simulated time.",
        discussion: """
            Servers that keep and lose prompts by llama-server's rules, and conversations from a seed. Prints, by rule: the tokens of \
            prompts that were computed, relative to a cache that is endless and everywhere; seconds to the first token; the longest \
            wait for a slot; generated tokens a second; by how much the busiest server was busier than on average.
            """
    )

    @Option(help: "chat, agents, documents, hot, noise or mixed.")
    var workload = Workload.Kind.allCases

    @Option(help: "Servers in the fleet.")
    var servers = [4]

    @Option(help: "Slots of each.")
    var slots = 4

    @Option(help: "1: what the servers could do if each prompt's beginning were found wherever it is wanted.")
    var load = [0.5, 0.8, 1.1]

    @Option(help: "Requests for each server.")
    var requests = 600

    @Option(help: "How many seeds; times are of all their requests together.")
    var seeds = 3

    @Option(help: "Tokens that fit into a server's --cache-ram.")
    var memory = 64_000

    @Option(help: "llama-server's --slot-prompt-similarity.")
    var similarity = 0.5

    @Option(help: "How many times as fast as the others the first server is.")
    var first = 1.0

    @Option(
        help:
            "How many balancers there are, to each of which a request comes by chance; of two or more is compared what they tell."
    )
    var balancers = 1

    @Option(
        help: "Leaves out the rule that knows all caches, which takes long beyond some tens of servers, and says least."
    )
    var exactUpTo = 16

    func run() {
        print(
            "| workload, servers, load | rule | computed | mean | p50 | p90 | p99 | longest wait | tokens/s | busiest |"
        )
        print("|---|---|--:|--:|--:|--:|--:|--:|--:|--:|")
        for kind in workload {
            for count in servers {
                for load in load { compare(kind, count, load) }
            }
        }
    }

    private func compare(_ kind: Workload.Kind, _ count: Int, _ load: Double) {
        var machine = Machine(slots: slots, memory: kind == .agents || kind == .mixed ? 2 * memory : memory)
        machine.similarity = similarity
        var machines = Array(repeating: machine, count: count)
        machines[0].prefill *= first
        machines[0].decode *= first
        let workloads = (1...UInt64(max(1, seeds))).map {
            Workload(kind, seed: $0, requests: requests * count, load: load, servers: count, machine)
        }
        for (name, balancing) in balancers > 1 ? several(machines) : rules(machines) {
            let outcomes = workloads.map { FleetSimulation.run($0, on: machines, by: balancing()) }
            let all = Outcome(of: outcomes)
            print(
                "| \(kind.rawValue), \(count), \(Int(load * 100)) % | \(name) | \(rounded(all.computed, 2)) "
                    + "| \(rounded(all.mean, 2)) | \(rounded(all.quantile(0.5), 2)) | \(rounded(all.quantile(0.9), 1)) "
                    + "| \(rounded(all.quantile(0.99), 1)) | \(rounded(all.longestWait, 0)) | \(rounded(all.throughput, 0)) "
                    + "| +\(rounded(all.spread * 100, 0)) % |"
            )
        }
    }

    private func rules(_ machines: [Machine]) -> [(String, () -> any Balancing)] {
        var rules: [(String, () -> any Balancing)] = [
            ("**cache-aware**", { SchedulerBalancing(.cacheAware, machines: machines) }),
            ("**session**", { SchedulerBalancing(.session, machines: machines) }),
            ("least-busy", { SchedulerBalancing(.leastBusy, machines: machines) }),
            ("sglang, imbalance 64", { EarlyBinding(.sentBefore(imbalance: 64), machines: machines) }),
            ("sglang, imbalance 4", { EarlyBinding(.sentBefore(imbalance: 4), machines: machines) }),
            ("session's hash, bounded", { EarlyBinding(.session(factor: 1.5), machines: machines) }),
            ("leastconn", { EarlyBinding(.fewest, machines: machines) }),
        ]
        if machines.count <= exactUpTo { rules.append(("exact knowledge", { ExactKnowledge(machines: machines) })) }
        return rules
    }

    private func several(_ machines: [Machine]) -> [(String, () -> any Balancing)] {
        let balances: [(String, Balance)] = [("cache-aware", .cacheAware), ("session", .session)]
        return balances.flatMap { name, balance -> [(String, () -> any Balancing)] in
            [
                ("\(name), 1", { SchedulerBalancing(balance, machines: machines) }),
                (
                    "\(name), \(balancers), that tell nothing of prompts",
                    { SeveralBalancers(balancers, balance, machines: machines, tellsPrompts: false) }
                ),
                (
                    "**\(name), \(balancers)**",
                    { SeveralBalancers(balancers, balance, machines: machines, tellsPrompts: true) }
                ),
            ]
        }
    }

    private func rounded(_ value: Double, _ places: Int) -> String {
        let scale = places == 2 ? 100 : places == 1 ? 10 : 1
        let count = Int((value * Double(scale)).rounded())
        guard scale > 1 else { return "\(count)" }
        let rest = "\(count % scale)"
        return "\(count / scale).\(String(repeating: "0", count: places - rest.count))\(rest)"
    }
}
