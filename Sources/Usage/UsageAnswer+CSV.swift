import PrintableText

/// RFC 4180, for spreadsheets.
extension UsageAnswer {
    public var csv: String {
        var text = ""
        Self.append(query.groupings.map(\.rawValue) + Self.columns, to: &text)
        for row in rows {
            let group = query.groupings.map { grouping in
                switch grouping {
                case .tenant: row.group.tenant ?? ""
                case .model: row.group.model ?? ""
                case .hour: UsageTime.text(hour: row.group.start ?? 0)
                case .day: UsageTime.day(of: row.group.start ?? 0)
                }
            }
            Self.append(group + Self.cells(row.counts), to: &text)
        }
        return text
    }

    private static let columns = [
        "requests", "refused", "tokens_computed", "tokens_cached", "tokens_generated", "slot_seconds",
        "waited_seconds", "refusals",
    ]

    private static func cells(_ counts: UsageCounts) -> [String] {
        let numbers = [
            counts.requests, counts.refused, counts.tokensComputed, counts.tokensCached, counts.tokensGenerated,
        ]
        let refusals = counts.refusals.sorted { $0.key < $1.key }.map { "\($0.key):\($0.value)" }
        return numbers.map { "\($0)" } + [
            UsageCounts.seconds(counts.slotTime), UsageCounts.seconds(counts.waited), refusals.joined(separator: " "),
        ]
    }

    private static func append(_ cells: [String], to text: inout String) {
        text += cells.map(cell).joined(separator: ",") + "\r\n"
    }

    /// A spreadsheet takes what begins like a formula for one, and would compute what a client has called a model; with an
    /// apostrophe in front it is a text. Nor does it hold anything that a terminal obeys.
    private static func cell(_ text: String) -> String {
        var text = text.printable()
        if let first = text.unicodeScalars.first, "=+-@".unicodeScalars.contains(first) { text = "'" + text }
        guard text.unicodeScalars.contains(where: { ",\"'".unicodeScalars.contains($0) }) else { return text }
        return "\"" + text.replacing("\"", with: "\"\"") + "\""
    }
}

extension UsageCounts {
    /// - Parameter microseconds: not negative.
    static func seconds(_ microseconds: Int) -> String {
        let fraction = "\(microseconds % 1_000_000)"
        return "\(microseconds / 1_000_000).\(String(repeating: "0", count: 6 - fraction.count))\(fraction)"
    }
}
