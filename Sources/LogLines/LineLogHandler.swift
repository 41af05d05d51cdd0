package import Logging

#if canImport(FoundationEssentials)
    package import FoundationEssentials
#else
    package import Foundation
#endif

/// How an event becomes a line.
package protocol LogLine: Sendable {
    /// - Parameter metadata: sorted by key.
    func line(
        level: Logger.Level,
        message: String,
        metadata: [(key: String, value: Logger.MetadataValue)],
        at time: Date
    ) -> String
}

/// Has each event written as one line to standard error, by another thread.
package struct LineLogHandler: LogHandler {
    let form: any LogLine
    /// Whether each line says its priority, as journald reads it.
    let marksPriority: Bool
    let writer: LogWriter
    package var logLevel: Logger.Level
    package var metadata: Logger.Metadata = [:]
    package var metadataProvider: Logger.MetadataProvider?

    package init(
        form: any LogLine,
        logLevel: Logger.Level,
        marksPriority: Bool = JournalStream.isStandardError,
        writer: LogWriter = .standardError
    ) {
        self.form = form
        self.marksPriority = marksPriority
        self.writer = writer
        self.logLevel = logLevel
    }

    package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    package func log(event: LogEvent) {
        var all = metadata
        if let provided = metadataProvider?.get() { all.merge(provided) { _, new in new } }
        if let own = event.metadata { all.merge(own) { _, new in new } }
        if let error = event.error, all["error"] == nil { all["error"] = "\(error)" }
        let sorted = all.sorted { $0.key < $1.key }.map { (key: $0.key, value: $0.value) }
        writer.add(
            (marksPriority ? JournalPriority(event.level).prefix : "")
                + form.line(level: event.level, message: event.message.description, metadata: sorted, at: .now)
        )
    }
}
