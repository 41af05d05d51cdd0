import LogLines
import ManagementClient

/// What each tenant got, for people.
struct UsageTable {
    private let document: UsageDocument

    init(_ document: UsageDocument) {
        self.document = document
    }

    /// - Parameter width: of the terminal, in columns, to which lines of the table are cut; nil: nothing is cut.
    func lines(width: Int?) -> [String] {
        var lines = ["From \(document.from) to \(document.to):", ""]
        lines += document.rows.isEmpty ? ["Nobody asked for anything."] : table(width: width)
        if let trouble = document.trouble {
            let missing = document.isLasting ? "" : ", and what was before the balancer was started is missing"
            lines += ["", "What is new is kept in memory at present\(missing): \(trouble)"]
        } else if !document.isLasting {
            lines += ["", "It is kept in memory since the balancer was started (see --state-dir of paddler balancer)."]
        }
        return lines.map(HarmlessText.line)
    }

    private func table(width: Int?) -> [String] {
        let nameCount = document.groupings.count
        var table = TextTable(
            document.groupings.map { $0.uppercased() },
            numbers: ["REQUESTS", "REFUSED", "COMPUTED", "CACHED", "GENERATED", "SLOT TIME", "WAITED"]
        )
        for row in document.rows {
            table.add(zip(document.groupings, row.names).map { Self.name($1, of: $0) }, numbers: Self.cells(row.counts))
        }
        if document.rows.count > 1 {
            let name = ["total"] + Array(repeating: "", count: max(0, nameCount - 1))
            table.add(Array(name.prefix(nameCount)), numbers: Self.cells(document.total))
        }
        return table.lines(width: width)
    }

    private static func name(_ name: String?, of grouping: String) -> String {
        guard let name else { return grouping == "model" ? "(none)" : "(nobody)" }
        let line = HarmlessText.line(name)
        return line.count > longestName ? line.prefix(longestName - 1) + "…" : line
    }

    /// In columns. Clients may call a model anything; CSV and JSON have the whole name.
    private static let longestName = 48

    private static func cells(_ counts: UsageDocument.Counts) -> [String] {
        [
            "\(counts.requests)", "\(counts.refused)", "\(counts.tokensComputed)", "\(counts.tokensCached)",
            "\(counts.tokensGenerated)", time(counts.slotSeconds), time(counts.waitedSeconds),
        ]
    }

    /// `3h05m`, `4m10s`, `12.5s`.
    private static func time(_ seconds: Double) -> String {
        let tenths = Int((seconds * 10).rounded())
        guard tenths >= 600 else { return "\(tenths / 10).\(tenths % 10)s" }
        let whole = tenths / 10
        func padded(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return whole < 3600
            ? "\(whole / 60)m\(padded(whole % 60))s" : "\(whole / 3600)h\(padded(whole / 60 % 60))m"
    }
}
