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

    func validate() throws {
        guard operations > 0 else { throw ValidationError("--operations is at least 1") }
    }

    func run() {
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
    }

    /// Nanoseconds of one operation.
    private func median(_ body: (Int) -> Void) -> String {
        let clock = ContinuousClock()
        let rounds = (0..<5).map { _ in
            clock.measure { body(operations) } / .nanoseconds(operations)
        }
        return String(Int(rounds.sorted()[rounds.count / 2].rounded()))
    }
}
