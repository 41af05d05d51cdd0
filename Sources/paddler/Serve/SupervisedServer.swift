import Agent
import AgentProtocol
import Supervision
import Synchronization

/// The llama-server that this process runs, as its agent sees it.
final class SupervisedServer: ServerKeeper {
    let log: any ServerLog
    private let supervisor: ServerSupervisor
    private let onReady: @Sendable () -> Void
    private let wasReady = Atomic(false)

    /// - Parameters:
    ///   - output: what it prints.
    ///   - onReady: called when it is ready for the first time.
    init(_ supervisor: ServerSupervisor, output: ServerOutput, onReady: @escaping @Sendable () -> Void) {
        self.supervisor = supervisor
        log = SupervisedLog(output: output)
        self.onReady = onReady
    }

    var absence: Condition? {
        switch supervisor.absence {
        case nil: nil
        case .pausing(let words): .restarting(words)
        case .failing(let words): .failing(words)
        }
    }

    var isArriving: Bool { supervisor.isArriving }

    var isAwaited: Bool { supervisor.isAwaited }

    func answered(isReady: Bool?) {
        supervisor.answered(isReady: isReady)
        guard isReady == true, !wasReady.exchange(true, ordering: .relaxed) else { return }
        onReady()
    }
}
