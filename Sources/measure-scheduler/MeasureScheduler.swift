import ArgumentParser

@main
struct MeasureScheduler: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "measure-scheduler",
        abstract: "What each operation of the scheduler takes, and how that grows with the fleet and the queue.",
        discussion: "Prints a table of nanoseconds: the median of five rounds."
    )

    @Option(help: "Operations in each round.")
    var operations = 200_000

    @Flag(help: "Only what a long prompt costs.")
    var prompts = false

    func validate() throws {
        guard operations > 0 else { throw ValidationError("--operations is at least 1") }
    }

    func run() {
        guard !prompts else { return printPrompts() }
        print("| upstreams | waiting | submit + finish | report | cancel + submit |")
        print("|---|---|---|---|---|")
        for (upstreams, waiting) in [(10, 0), (10, 100_000), (100, 0), (1000, 10_000), (10_000, 0), (10_000, 100_000)] {
            var load = SchedulerLoad(upstreams: upstreams, waiting: waiting)
            // First, while all who wait are known.
            let cancel = waiting > 0 ? median { load.cancelAndSubmit($0) } : "–"
            let finish = median { load.finishAndSubmit($0) }
            let report = median { load.report($0) }
            print("| \(upstreams) | \(waiting) | \(finish) | \(report) | \(cancel) |")
        }
        printTenants()
        printNewcomers()
        printHolds()
        printPrompts()
    }

    /// What turns among tenants cost.
    private func printTenants() {
        print("")
        print("| upstreams | waiting | tenants | submit + finish |")
        print("|---|---|---|---|")
        for (upstreams, waiting, tenants) in [
            (10, 0, 1), (10, 100_000, 1), (10, 100_000, 1000), (10_000, 100_000, 1000),
        ] {
            var load = SchedulerLoad(upstreams: upstreams, waiting: waiting, tenants: tenants)
            print("| \(upstreams) | \(waiting) | \(tenants) | \(median { load.finishAndSubmit($0) }) |")
        }
    }

    /// What a server costs that comes and goes, however many others there are.
    private func printNewcomers() {
        print("")
        print("| upstreams | one registers and leaves, ns |")
        print("|---|---|")
        for upstreams in [100, 10_000] {
            var load = SchedulerLoad(upstreams: upstreams, waiting: 0)
            print("| \(upstreams) | \(median(of: max(1, operations / 200)) { load.comeAndGo($0) }) |")
        }
    }

    /// What a long prompt costs: to be read, and to find its server.
    private func printPrompts() {
        var load = PromptLoad()
        print("")
        print("| 1,000 upstreams, a chat of \(load.bodyBytes) bytes | ns |")
        print("|---|---|")
        print("| read, of code with a quote every ten bytes | \(median(of: operations / 20) { load.readCode($0) }) |")
        print("| read, \(load.blocks) blocks | \(median(of: operations / 20) { load.read($0) }) |")
        print("| server found, prompt recorded | \(median(of: operations / 20) { load.takeTurns($0) }) |")
    }

    /// How long the lock around the scheduler is held at most by those who look on.
    private func printHolds() {
        print("")
        print("| upstreams, all changed | one part of a copy, µs: median, longest | all at once, µs |")
        print("|---|---|---|")
        for upstreams in [1000, 10_000] {
            var load = SchedulerLoad(upstreams: upstreams, waiting: 0)
            let clock = ContinuousClock()
            var parts: [Double] = []
            var whole: [Double] = []
            for _ in 0..<20 {
                load.reportAll()
                whole.append(clock.measure { _ = load.snapshot() } / .microseconds(1))
                var left = 1
                while left > 0 { parts.append(clock.measure { left = load.takeChanges() } / .microseconds(1)) }
            }
            let sorted = parts.sorted()
            print(
                "| \(upstreams) | \(Int(sorted[sorted.count / 2])), \(Int(sorted[sorted.count - 1])) | "
                    + "\(Int(whole.sorted()[whole.count / 2])) |"
            )
        }
    }

    /// Nanoseconds of one operation.
    private func median(of operations: Int? = nil, _ body: (Int) -> Void) -> String {
        let operations = operations ?? self.operations
        let clock = ContinuousClock()
        let rounds = (0..<5).map { _ in
            clock.measure { body(operations) } / .nanoseconds(operations)
        }
        return String(Int(rounds.sorted()[rounds.count / 2].rounded()))
    }
}
