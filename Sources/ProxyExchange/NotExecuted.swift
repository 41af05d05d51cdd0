public import LlamaServer

/// Why a server has executed nothing.
public enum NotExecuted: Sendable {
    case unavailable(Unavailability)
    /// No slot has room for a prompt of so many tokens; 0: how many isn't said.
    case withoutRoom(tokens: Int)
}
