import ManagementClient

/// A measure of the whole fleet: its name, its value now, and a picture of how it came to that.
enum MetricCell: CaseIterable {
    case slots, queue, requests, firstToken, tokens

    static let all = allCases

    /// Rates are means over so many seconds, so that they can be read.
    static let window = 10

    private static let labelWidth = 13
    private static let valueWidth = 28
    private static let leastPicture = 8
    private static let peakWidth = 13

    static func lines(_ state: DashboardState, glyphs: Glyphs, perRow: Int) -> [StyledLine] {
        let gap = 3
        let width = (state.size.width - gap * (perRow - 1)) / perRow
        let cells = all.map { $0.line(state, glyphs, width: width) }
        return stride(from: 0, to: cells.count, by: perRow).map { start in
            var line = StyledLine()
            for (column, cell) in cells[start..<min(start + perRow, cells.count)].enumerated() {
                line.pad(to: column * (width + gap))
                line.append(cell)
            }
            return line
        }
    }

    private func line(_ state: DashboardState, _ glyphs: Glyphs, width: Int) -> StyledLine {
        var line = StyledLine(label, .muted).padded(to: Self.labelWidth)
        guard let snapshot = state.snapshot else { return line }
        line.append(value(FleetSummary(snapshot), state, glyphs).cut(to: Self.valueWidth, mark: glyphs.cut))
        line.pad(to: Self.labelWidth + Self.valueWidth + 1)
        let room = width - line.width
        let showsPeak = room >= Self.leastPicture + Self.peakWidth
        let pictureWidth = showsPeak ? room - Self.peakWidth : room
        guard pictureWidth >= Self.leastPicture, !state.history.samples.isEmpty else { return line }
        let picture = Sparkline(
            state.history.samples,
            secondsPerColumn: state.secondsPerColumn,
            columns: pictureWidth,
            takesMaximum: self == .queue || self == .firstToken,
            column
        )
        line.append(picture.line(glyphs, of: ceiling(state), style: style))
        guard showsPeak, let peak = picture.peak else { return line }
        line.append(StyledLine("peak " + text(peak), .muted).rightAligned(in: Self.peakWidth))
        return line
    }

    private var label: String {
        switch self {
        case .slots: "slots busy"
        case .queue: "queue"
        case .requests: "requests/s"
        case .firstToken: "TTFT"
        case .tokens: "tokens/s"
        }
    }

    private var style: TextStyle {
        self == .queue ? .warning : .accent
    }

    private func column(_ sample: HistorySample) -> Double? {
        switch self {
        case .slots: sample.slotsBusy
        case .queue: sample.queued
        case .requests: sample.requests
        case .firstToken: sample.firstToken95Milliseconds
        case .tokens: sample.tokensGenerated
        }
    }

    private func text(_ value: Double) -> String {
        self == .firstToken ? AmountText.milliseconds(value) : AmountText.number(value)
    }

    /// What the picture's full height is; nil: its own largest value.
    private func ceiling(_ state: DashboardState) -> Double? {
        self == .slots ? state.history.samples.last?.slotsTotal : nil
    }

    private func value(_ fleet: FleetSummary, _ state: DashboardState, _ glyphs: Glyphs) -> StyledLine {
        let history = state.history
        switch self {
        case .slots:
            let slots = FleetDocument.Slots(total: fleet.slotsTotal, leased: fleet.slotsBusy)
            var line = SlotBar(slots).line(glyphs, cells: 16)
            line.append((line.width > 0 ? " " : "") + "\(fleet.slotsBusy)/\(fleet.slotsTotal)")
            return line
        case .queue: return queue(fleet)
        case .requests:
            var line = rate(history.mean(\.requests, seconds: Self.window))
            if let rejected = history.mean(\.rejected, seconds: Self.window), rejected > 0 {
                line.append("  \(AmountText.number(rejected))/s failed", .bad)
            }
            return line
        case .firstToken:
            guard let sample = history.samples.last, let median = sample.firstTokenMedianMilliseconds else {
                return StyledLine("-", .muted)
            }
            let most = sample.firstToken95Milliseconds.map { ", p95 \(AmountText.milliseconds($0))" } ?? ""
            return StyledLine("p50 \(AmountText.milliseconds(median))\(most)")
        case .tokens:
            var line = rate(history.mean(\.tokensGenerated, seconds: Self.window))
            if let prompt = history.mean(\.tokensPrompt, seconds: Self.window) {
                line.append("  (prompts \(AmountText.number(prompt)))", .muted)
            }
            return line
        }
    }

    private func rate(_ value: Double?) -> StyledLine {
        value.map { StyledLine(AmountText.number($0)) } ?? StyledLine("-", .muted)
    }

    private func queue(_ fleet: FleetSummary) -> StyledLine {
        guard let queued = fleet.queued else { return StyledLine("-", .muted) }
        guard queued > 0 else { return StyledLine("nobody waits") }
        let longest = fleet.longestQueue ?? queued
        let isNearlyFull = fleet.queueMaximum.map { longest * 10 >= $0 * 8 } ?? false
        let maximum = isNearlyFull && longest == queued ? fleet.queueMaximum.map { " of \($0)" } ?? "" : ""
        let oldest = fleet.oldestWaitMilliseconds.map { ", oldest \(AmountText.milliseconds($0))" } ?? ""
        return StyledLine("\(queued)\(maximum) waiting\(oldest)", isNearlyFull ? .bad : .warning)
    }
}
