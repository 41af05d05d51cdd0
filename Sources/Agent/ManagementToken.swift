import AccessControl
import Logging
import Synchronization

/// What the agent shows balancers, from its file as it is when a connection is opened: a file that has changed counts from
/// the next connection on, and on SIGHUP it is seen at once whether it can be read.
final class ManagementToken: Sendable {
    private struct State {
        var token: String?
        /// Why the file couldn't be read when it was last tried; said once.
        var failure: String?
    }

    private let file: OperatorFile?
    private let state: Mutex<State>
    private let logger: Logger

    /// - Throws: `FileFailure` when there is to be a file and no token can be read from it.
    init(_ configuration: AgentConfiguration, logger: Logger) throws(FileFailure) {
        file = configuration.managementTokenFile.map { OperatorFile(path: $0, flag: "--management-token-file") }
        state = Mutex(State(token: try file?.firstKey() ?? configuration.managementToken))
        self.logger = logger
    }

    /// Whether there is one at all, which never changes.
    var isGiven: Bool { state.withLock { $0.token != nil } }

    /// Reads a file of a few bytes. One that can't be read leaves the token as it is.
    func current() -> String? {
        _ = read()
        return state.withLock { $0.token }
    }

    /// After SIGHUP.
    ///
    /// - Parameter isAlone: whether nothing else is read again then.
    func readAgain(isAlone: Bool) {
        guard file != nil else {
            guard isAlone else { return }
            return logger.info(
                "SIGHUP: there is nothing to read again",
                metadata: ["hint": "see --management-token-file and --management-cert"]
            )
        }
        if read() { logger.info("SIGHUP: the token was read again, and is shown with the next connection") }
    }

    private func read() -> Bool {
        guard let file else { return false }
        do throws(FileFailure) {
            let token = try file.firstKey()
            state.withLock { $0 = State(token: token) }
            return true
        } catch {
            let reason = "\(error)"
            let isNews = state.withLock { state in
                defer { state.failure = reason }
                return state.failure != reason
            }
            if isNews { logger.error("the token stays as it is", metadata: ["reason": "\(reason)"]) }
            return false
        }
    }
}
