package import Logging

#if canImport(FoundationEssentials)
    package import FoundationEssentials
#else
    package import Foundation
#endif

/// `2026-01-31T12:00:00.000Z INFO message key=value`: for people.
package struct TextLogLine: LogLine {
    package init() {}

    package func line(
        level: Logger.Level,
        message: String,
        metadata: [(key: String, value: Logger.MetadataValue)],
        at time: Date
    ) -> String {
        var line = "\(time.formatted(.logTimestamp)) \(level.rawValue.uppercased()) \(HarmlessText.line(message))"
        for (key, value) in metadata {
            line += " \(key)=\(Self.quotedIfNeeded(value.description))"
        }
        return line
    }

    private static func quotedIfNeeded(_ text: String) -> String {
        let isPlain =
            !text.isEmpty
            && text.unicodeScalars.allSatisfy { $0 != " " && $0 != "\"" && $0 != "=" && HarmlessText.isHarmless($0) }
        return isPlain ? text : "\"\(HarmlessText.line(text).replacing("\"", with: "\\\""))\""
    }
}

extension FormatStyle where Self == Date.ISO8601FormatStyle {
    static var logTimestamp: Self { Date.ISO8601FormatStyle(includingFractionalSeconds: true) }
}
