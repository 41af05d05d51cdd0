/// Columns under their headings: texts begin under each other, numbers end so.
struct TextTable {
    private var rows: [[String]]
    private let texts: Int

    init(_ texts: [String], numbers: [String]) {
        self.texts = texts.count
        rows = [texts + numbers]
    }

    mutating func add(_ texts: [String], numbers: [String]) {
        rows.append(texts + numbers)
    }

    /// - Parameter width: to which lines are cut, in columns; nil: nothing is cut.
    func lines(width: Int?) -> [String] {
        let widths = rows[0].indices.map { column in rows.reduce(0) { max($0, $1[column].count) } }
        return rows.map { row in
            var line = ""
            for (column, text) in row.enumerated() {
                let space = String(repeating: " ", count: widths[column] - text.count)
                line += (column < texts ? text + space : space + text) + "  "
            }
            while line.last == " " { line.removeLast() }
            guard let width, line.count > width else { return line }
            return String(line.prefix(max(1, width - 1))) + "…"
        }
    }
}
