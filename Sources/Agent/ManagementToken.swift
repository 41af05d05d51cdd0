package import Logging
import Synchronization

/// What the agent shows balancers, from its file as it is when a connection is opened: a file that has changed counts from
/// the next connection on, and on SIGHUP it is seen at once whether it can be read.
package final class ManagementToken: Sendable {
    private struct State {
        var token: String?
        /// Why the file couldn't be read when it was last tried; said once.
        var failure: String?
    }

    /// nil: there is no file.
    private let firstKey: (@Sendable () throws -> String)?
    private let state: Mutex<State>
    private let logger: Logger

    /// - Parameters:
    ///   - token: where there is no file; nil: there is none at all.
    ///   - firstKey: what is in the file; nil: there is no file. What it throws describes itself in one line.
    /// - Throws: what `firstKey` throws.
    package init(_ token: String?, inFile firstKey: (@Sendable () throws -> String)? = nil, logger: Logger) throws {
        self.firstKey = firstKey
        state = Mutex(State(token: try firstKey?() ?? token))
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
    package func readAgain(isAlone: Bool) {
        guard firstKey != nil else {
            guard isAlone else { return }
            return logger.info(
                "SIGHUP: there is nothing to read again",
                metadata: ["hint": "see --management-token-file and --management-cert"]
            )
        }
        if read() { logger.info("SIGHUP: the token was read again, and is shown with the next connection") }
    }

    private func read() -> Bool {
        guard let firstKey else { return false }
        do {
            let token = try firstKey()
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
