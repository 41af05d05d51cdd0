import ManagementClient

/// A series as a row of small columns, the newest at the right.
struct Sparkline {
    /// Nil: nothing was measured.
    let values: [Double?]

    var peak: Double? { values.compactMap(\.self).max() }

    /// - Parameters:
    ///   - columns: how many there are at most; what is older isn't shown.
    ///   - takesMaximum: a column is the largest of its seconds and not their mean.
    init(
        _ samples: [HistorySample],
        secondsPerColumn: Int,
        columns: Int,
        takesMaximum: Bool,
        _ value: (HistorySample) -> Double?
    ) {
        guard let last = samples.last, let first = samples.first else {
            values = []
            return
        }
        // By their numbers, so that a sample stays in its column when the next comes.
        let newest = last.number / secondsPerColumn
        let oldest = max(first.number / secondsPerColumn, newest - columns + 1)
        var sums = Array(repeating: (sum: 0.0, most: 0.0, count: 0.0), count: newest - oldest + 1)
        for sample in samples {
            let column = sample.number / secondsPerColumn - oldest
            guard column >= 0, let value = value(sample) else { continue }
            sums[column].sum += value
            sums[column].most = max(sums[column].most, value)
            sums[column].count += 1
        }
        let shown: [Double?] = sums.map { $0.count == 0 ? nil : takesMaximum ? $0.most : $0.sum / $0.count }
        values = Array(repeating: nil, count: max(0, columns - shown.count)) + shown
    }

    /// - Parameter ceiling: the value of a full column; nil: the largest there is.
    func line(_ glyphs: Glyphs, of ceiling: Double?, style: TextStyle) -> StyledLine {
        let full = max(ceiling ?? 0, peak ?? 0)
        var line = StyledLine()
        for value in values {
            guard let value else {
                line.append(" ")
                continue
            }
            guard value > 0, full > 0 else {
                line.append(String(glyphs.levels[0]), .muted)
                continue
            }
            let level = Int((value / full * Double(glyphs.levels.count - 1)).rounded(.up))
            line.append(String(glyphs.levels[min(max(level, 0), glyphs.levels.count - 1)]), style)
        }
        return line
    }
}
