import ManagementClient

/// Slots as a row of cells, by who uses them.
struct SlotBar {
    private let slots: FleetDocument.Slots

    init(_ slots: FleetDocument.Slots) {
        self.slots = slots
    }

    /// - Parameter cells: how many there are at most; with fewer slots there is one for each.
    func line(_ glyphs: Glyphs, cells: Int) -> StyledLine {
        let total = max(slots.total, slots.busy)
        let cells = min(cells, total)
        guard cells > 0 else { return StyledLine() }
        let style: TextStyle = slots.busy >= slots.total ? .warning : .good
        var line = StyledLine()
        var drawn = 0
        var counted = 0
        for (count, glyph, style) in [
            (slots.leased, glyphs.leased, style),
            (slots.foreign, glyphs.foreign, style),
            (slots.cooling, glyphs.cooling, style),
        ] where count > 0 {
            counted += count
            // What is busy is seen, and so is what is idle.
            var end = max((counted * cells + total / 2) / total, 1)
            if counted < total { end = min(end, max(1, cells - 1)) }
            line.append(String(repeating: String(glyph), count: max(0, end - drawn)), style)
            drawn = max(drawn, end)
        }
        line.append(String(repeating: String(glyphs.idle), count: max(0, cells - drawn)), .muted)
        return line
    }
}
