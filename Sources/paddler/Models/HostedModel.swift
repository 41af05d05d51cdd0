import Agent
import AgentProtocol
import Supervision
import SupervisionRules

/// A model that this process loads and unloads, as its agent sees it.
struct HostedModel: ModelKeeper {
    let supervisor: ModelSupervisor
    let number: Int
    let models: [String]
    let onConnected: @Sendable () -> Void

    private var snapshot: ModelSnapshot { supervisor.snapshot(of: number) }

    var state: KeptModel {
        let snapshot = snapshot
        let model = snapshot.model
        let isDraining =
            switch model.phase {
            case .draining, .ending: true
            case .unloaded, .loading, .ready, .failed: false
            }
        return KeptModel(
            onDemand: OnDemand(
                memoryBytes: model.memoryBytes,
                loadMilliseconds: model.loadTime.map { $0 / .milliseconds(1) },
                isPinned: model.rules.isPinned,
                refusal: snapshot.refusal.map { OnDemand.Refusal(number: $0.number, reason: $0.reason) }
            ),
            isDraining: isDraining,
            generation: snapshot.generation
        )
    }

    var absence: Condition? {
        let snapshot = snapshot
        switch snapshot.model.phase {
        case .unloaded: return .unloaded
        case .failed(let words, _): return .failing(words)
        case .loading, .ready, .draining, .ending: break
        }
        return switch snapshot.absence {
        case nil: nil
        case .pausing(let words): .restarting(words)
        case .failing(let words): .failing(words)
        }
    }

    var isArriving: Bool { snapshot.isArriving }

    var isAwaited: Bool { snapshot.isAwaited }

    var log: any ServerLog { SupervisedLog(output: supervisor.output(of: number)) }

    var changes: AsyncStream<Void> { supervisor.changes(of: number) }

    func connected() { onConnected() }

    func answered(isReady: Bool?) { supervisor.answered(isReady: isReady, by: number) }

    func sampled(isBusy: Bool) { supervisor.sampled(number, isBusy: isBusy) }

    func aboutToBeUsed() { supervisor.aboutToBeUsed(number) }

    func drained() { supervisor.drained(number) }

    func wish(_ wish: ModelWish, isOrder: Bool) {
        switch wish {
        case .load: supervisor.wish(.load, isOrder: isOrder, of: number)
        case .unload: supervisor.wish(.unload, isOrder: isOrder, of: number)
        }
    }
}
