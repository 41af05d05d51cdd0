import NIOCore

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// All agents, on one event loop.
final class Crowd {
    private let plan: CrowdPlan
    private let loop: any EventLoop
    private let tally = CrowdTally()
    private var agents: [CrowdAgent] = []
    private let begin = NIODeadline.now()
    /// Reports that were due so far: they are spread evenly over the interval.
    private var due = 0
    private var told: CrowdTally.Counts?

    private static let tick = TimeAmount.milliseconds(10)
    private static let tellingInterval = TimeAmount.milliseconds(100)

    init(_ plan: CrowdPlan, on loop: any EventLoop) {
        self.plan = plan
        self.loop = loop
    }

    func start() {
        agents = (0..<plan.agents).map { CrowdAgent($0, of: plan, tally, on: loop) }
        for agent in agents { agent.connect() }
        let crowd = NIOLoopBound(self, eventLoop: loop)
        loop.scheduleRepeatedTask(initialDelay: Self.tick, delay: Self.tick) { _ in crowd.value.report() }
        loop.scheduleRepeatedTask(initialDelay: .zero, delay: Self.tellingInterval) { _ in crowd.value.tell() }
    }

    private func report() {
        let elapsed = Double((NIODeadline.now() - begin).nanoseconds) / 1e9
        let now = Int(elapsed / plan.interval * Double(agents.count))
        // What a busy machine has missed is not made up for.
        for number in max(due, now - agents.count)..<max(due, now) { agents[number % agents.count].report() }
        due = max(due, now)
    }

    private func tell() {
        guard told != tally.counts, let json = try? JSONEncoder().encode(tally.counts) else { return }
        told = tally.counts
        // Unbuffered: a flush waits for whoever reads standard input.
        let line = Array(json) + [UInt8(ascii: "\n")]
        _ = line.withUnsafeBytes { write(STDOUT_FILENO, $0.baseAddress, $0.count) }
    }
}
