/// Which rows of the screen are whose.
struct ScreenLayout: Equatable {
    /// Health, and whose fleet it is; 0 or 1.
    let titleRows: Int
    let metrics: Metrics
    /// A line for each model, where there are several.
    let modelRows: Int
    /// Between the header and the rest; 0 or 1.
    let ruleRows: Int
    /// What is wrong with the selected agent; 0 or 1.
    let problemRows: Int
    let footerRows: Int
    /// Of the table or what stands in its place.
    let paneRows: Int

    enum Metrics: Equatable {
        case none
        /// All on one line.
        case summary
        /// Each with a picture; how many beside each other.
        case cells(perRow: Int)

        var rows: Int {
            switch self {
            case .none: 0
            case .summary: 1
            case .cells(let perRow): (MetricCell.all.count + perRow - 1) / perRow
            }
        }
    }

    init(_ state: DashboardState) {
        let size = state.size
        let height = size.height
        titleRows = height >= 3 ? 1 : 0
        metrics =
            if height >= 16, size.width >= 40 {
                .cells(perRow: size.width >= 150 ? 2 : 1)
            } else {
                height >= 7 || height == 1 ? .summary : .none
            }
        ruleRows = height >= 12 ? 1 : 0
        problemRows = height >= 9 ? 1 : 0
        footerRows = height >= 4 ? 1 : 0
        let rest = max(0, height - titleRows - metrics.rows - ruleRows - problemRows - footerRows)
        modelRows = ModelLines.count(state, of: rest)
        paneRows = rest - modelRows
    }

    /// Beside the row of headings.
    var tableRows: Int { max(1, paneRows - 1) }
}
