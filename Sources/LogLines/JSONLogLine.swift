package import Logging

#if canImport(FoundationEssentials)
    package import FoundationEssentials
#else
    package import Foundation
#endif

/// One JSON object: `timestamp`, `level`, `label`, `message`, then the metadata beside them: for machines.
package struct JSONLogLine: LogLine {
    let label: String

    package init(label: String) {
        self.label = label
    }

    private static let ownKeys: Set = ["timestamp", "level", "label", "message"]

    package func line(
        level: Logger.Level,
        message: String,
        metadata: [(key: String, value: Logger.MetadataValue)],
        at time: Date
    ) -> String {
        var fields = [
            ("timestamp", Self.quoted(time.formatted(.logTimestamp))),
            ("level", Self.quoted(level.rawValue)),
            ("label", Self.quoted(label)),
            ("message", Self.quoted(message)),
        ]
        for (key, value) in metadata {
            // A key twice in one object is read differently by every reader.
            fields.append((Self.ownKeys.contains(key) ? key + "_" : key, Self.json(value)))
        }
        return "{" + fields.map { "\(Self.quoted($0)):\($1)" }.joined(separator: ",") + "}"
    }

    private static func json(_ value: Logger.MetadataValue) -> String {
        switch value {
        case .string(let text): quoted(text)
        case .stringConvertible(let number as Int): "\(number)"
        case .stringConvertible(let flag as Bool): "\(flag)"
        case .stringConvertible(let other): quoted(other.description)
        case .array(let values): "[" + values.map(json).joined(separator: ",") + "]"
        case .dictionary(let values):
            "{"
                + values.sorted { $0.key < $1.key }.map { "\(quoted($0.key)):\(json($0.value))" }
                .joined(separator: ",") + "}"
        }
    }

    /// RFC 8259 7: quotation mark, backslash and everything below U+0020 must be escaped. The rest of what isn't harmless is
    /// escaped for those who look at the lines in a terminal; all of it is in the basic plane.
    private static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            case _ where !HarmlessText.isHarmless(scalar):
                let hex = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}
