import ManagementClient

/// A GPU: how full its memory is, how hot it is, and what it is.
struct AcceleratorLine {
    let accelerator: FleetDocument.Accelerator
    let glyphs: Glyphs

    private static let barCells = 16
    /// Then most begin to slow down.
    private static let hot = 85.0

    func line(width: Int) -> StyledLine {
        var line = StyledLine()
        if let used = accelerator.memoryUsedBytes, let total = accelerator.memoryTotalBytes, total > 0 {
            let cells = min(Self.barCells, max(0, width / 4))
            let full = min(cells, Int((used / total * Double(cells)).rounded()))
            line.append(String(repeating: String(glyphs.leased), count: full), used > total * 0.95 ? .warning : .good)
            line.append(String(repeating: String(glyphs.idle), count: cells - full), .muted)
            line.append(" \(AmountText.bytes(used)) of \(AmountText.bytes(total))")
        } else {
            line.append("memory not known", .muted)
        }
        if let utilization = accelerator.utilization { line.append(", \(AmountText.percent(utilization)) busy") }
        if let celsius = accelerator.celsius {
            line.append(", ")
            line.append(
                "\(Int(celsius.rounded())) \(glyphs.isASCII ? "C" : "°C")",
                celsius >= Self.hot ? .bad : .normal
            )
        }
        line.append("  \(accelerator.name)", .muted)
        return line.cut(to: max(0, width), mark: glyphs.cut)
    }
}
