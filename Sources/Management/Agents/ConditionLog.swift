import AgentProtocol
import AgentReception
import Logging
import Scheduling

/// Writes into the log when the condition of an upstream changes.
struct ConditionLog {
    let logger: Logger
    private var last: Scheduling.Condition?

    init(logger: Logger) {
        self.logger = logger
    }

    mutating func note(_ report: UpstreamReport) {
        guard report.condition != last else { return }
        last = report.condition
        Self.changed(report, logger: logger)
    }

    static func changed(_ report: UpstreamReport, logger: Logger) {
        let condition = AgentProtocol.Condition(report.condition)
        var metadata: Logger.Metadata = ["upstream": "\(report.address)", "condition": "\(condition.kind)"]
        metadata["hint"] = condition.hint.map { "\($0)" }
        logger.log(level: report.condition == .ready ? .info : .warning, "upstream changed", metadata: metadata)
    }
}
