package import AgentRules
import Synchronization

/// Where the watch and the links write down what they see, for those who wait to leave or ask how things are. Any thread
/// may write and read.
package final class AgentBoard: Sendable {
    private let state: Mutex<AgentState>
    private let departure = Latch()
    private let silence = Latch()
    private let onUnloadable: @Sendable () -> Void

    /// - Parameter onUnloadable: called, once or more often, when the model may be unloaded that is to be.
    init(links: Int, onUnloadable: @escaping @Sendable () -> Void = {}) {
        state = Mutex(AgentState(links: links))
        self.onUnloadable = onUnloadable
    }

    package var current: AgentState {
        state.withLock { $0 }
    }

    func note(_ change: (inout AgentState) -> Void) {
        let (mayLeave, mayUnload, isAlone) = state.withLock { state in
            change(&state)
            return (state.mayLeave, state.mayUnload, state.isAlone)
        }
        if mayUnload { onUnloadable() }
        if mayLeave { departure.open() }
        if isAlone { silence.open() }
    }

    /// Returns when there is nothing to wait for any more, when so much time has passed, or when the task is cancelled.
    func waitUntilItMayLeave(atMost limit: Duration) async {
        await departure.wait(atMost: limit)
    }

    /// Returns when there is nobody any more who is to hear goodbye, or when the task is cancelled.
    func waitUntilAlone() async {
        await silence.wait()
    }

    /// There is only goodbye to say. Returns when each balancer has heard it, or when so much time has passed.
    func waitUntilNobodyIsConnected(atMost limit: Duration) async {
        note { $0.leave() }
        await silence.wait(atMost: limit)
    }
}
