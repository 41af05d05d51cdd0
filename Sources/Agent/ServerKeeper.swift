public import AgentProtocol
import AgentRules

/// Whoever runs the llama-server that an agent of the same process watches.
public protocol ServerKeeper: Sendable {
    /// Why there is nobody to be asked; nil: the server runs.
    var absence: Condition? { get }

    /// Whether the server has been started and has never answered yet: no connection to it means that it is about to be there.
    var isArriving: Bool { get }

    /// Whether it is known that the server isn't ready, and that it is to be soon.
    var isAwaited: Bool { get }

    /// What the server prints.
    var log: any ServerLog { get }

    /// The server was asked for its health.
    ///
    /// - Parameter isReady: whether its model is loaded; nil: there was no answer.
    func answered(isReady: Bool?)
}

extension Probe.Answer {
    /// Of the health; nil: there is no answer.
    var isReady: Bool? {
        switch self {
        case .reply(let status, _): status == 200
        case .timedOut, .failed, .absent: nil
        }
    }
}
