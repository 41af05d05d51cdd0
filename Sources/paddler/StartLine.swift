import Logging
import ProgramLife

/// The line with which a process's log begins: which program it is, and what was set.
struct StartLine {
    private let settings: String

    /// Settings that nobody gave are left out, and secrets are hidden.
    init(_ printed: [PrintedSetting]) {
        settings = printed.filter(\.isGiven).map { "\($0.name)=\($0.value)" }.joined(separator: ", ")
    }

    func log(_ message: Logger.Message, to logger: Logger) {
        logger.info(message, metadata: ["version": "\(Version.current)", "settings": "\(settings)"])
    }
}
