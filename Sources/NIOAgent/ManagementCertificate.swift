import AccessControl
import Agent
import Logging
import NIOSSL
import Synchronization
import TransportSecurity

/// The certificate that the agent shows balancers, from its files as they are when a connection is opened: a renewed one counts
/// from the next connection on, and on SIGHUP it is seen at once whether it can be used.
final class ManagementCertificate: Sendable {
    private struct State {
        var shown: CertifiedKey
        /// Why the files couldn't be used when they were last read; said once.
        var failure: String?
    }

    private let files: CertificateFiles
    private let state: Mutex<State>
    private let logger: Logger

    /// - Throws: `FileFailure` when it can't be used now.
    init(_ files: ManagementCertificateFiles, logger: Logger) throws(FileFailure) {
        let files = CertificateFiles(chain: OperatorFile(files.chain), key: OperatorFile(files.key))
        self.files = files
        state = Mutex(State(shown: try CertifiedKey(files)))
        self.logger = logger
    }

    /// Reads two small files. Ones that can't be used leave the certificate as it is.
    func present(in configuration: inout TLSConfiguration) {
        read()
        state.withLock { $0.shown }.present(in: &configuration)
    }

    /// After SIGHUP.
    func readAgain() {
        if read() { logger.info("SIGHUP: the certificate was read again, and is shown with the next connection") }
    }

    /// - Returns: whether it can be used as it is now.
    @discardableResult
    private func read() -> Bool {
        do throws(FileFailure) {
            let new = try CertifiedKey(files)
            state.withLock { $0 = State(shown: new) }
            return true
        } catch {
            let reason = "\(error)"
            let isNews = state.withLock { state in
                defer { state.failure = reason }
                return state.failure != reason
            }
            if isNews {
                logger.error(
                    "the certificate that balancers are shown stays as it is",
                    metadata: ["reason": "\(reason)"]
                )
            }
            return false
        }
    }
}

extension OperatorFile {
    fileprivate init(_ file: NamedFile) {
        self.init(path: file.path, flag: file.label)
    }
}
