import ManagementClient

/// Everything about one agent.
struct AgentDetails {
    let words: AgentWords
    let width: Int
    let glyphs: Glyphs

    private static let labelWidth = 16

    var lines: [StyledLine] {
        let agent = words.agent
        var state = StyledLine(words.state.word, TextStyle(colour: words.state.colour, isBold: true))
        state.append(": " + words.meaning)
        var lines = entry("name", agent.name ?? "-", .strong) + entry("address", agent.address) + entry("state", state)
        if let error = words.error { lines += entry("error", error, .bad) }
        if let conflict = words.conflict { lines += entry("conflict", conflict, .bad) }
        if let hint = agent.hint { lines += entry("what to do", hint, .warning) }
        if let condition = agent.condition { lines += entry("llama-server", condition) }
        lines += [labelled("slots", SlotBar(agent.slots).line(glyphs, cells: max(1, width - Self.labelWidth)))]
        lines += entry("", slots)
        lines += entry("tokens/s", agent.tokensPerSecond.map(AmountText.number) ?? "-")
        let found = agent.cacheHitRatio.map { AmountText.percent($0) + " of prompt tokens" }
        lines += entry("from cache", found ?? "-")
        lines += entry("answered", agent.requestsAnswered.map { AmountText.count($0, "request", "requests") } ?? "-")
        lines += entry("last report", words.lastReport.map { $0 + " ago" } ?? "-")
        let models = agent.models.isEmpty ? ["-"] : agent.models
        for (index, model) in models.enumerated() { lines += entry(index == 0 ? "models" : "", model) }
        if let role = agent.role { lines += entry("started for", role) }
        lines += entry(
            "context",
            agent.contextSize.map { AmountText.count($0, "token", "tokens") + " per slot" } ?? "-"
        )
        if let onDemand = agent.onDemand { lines += entry("on demand", words(of: onDemand)) }
        if let refusal = agent.onDemand?.refusal { lines += entry("", refusal, .warning) }
        for (index, one) in agent.accelerators.enumerated() {
            let line = AcceleratorLine(accelerator: one, glyphs: glyphs).line(width: width - Self.labelWidth)
            lines.append(labelled(index == 0 ? "GPUs" : "", line))
        }
        lines += entry("build", agent.build ?? "-")
        if agent.speed > 1 { lines += entry("speed", "\(agent.speed) times the slowest of its model") }
        if agent.weight != 1 { lines += entry("weight", "\(agent.weight)") }
        lines += entry("agent id", agent.id.isEmpty ? "- (its agent is gone)" : agent.id)
        return lines
    }

    private func words(of model: FleetDocument.OnDemand) -> String {
        let parts = [
            model.memoryBytes.map(AmountText.bytes),
            model.loadedForSeconds.map { "loaded for \(AmountText.seconds($0))" } ?? "not loaded",
            model.isPinned ? "pinned" : nil,
        ]
        return parts.compactMap(\.self).joined(separator: ", ")
    }

    private var slots: String {
        let slots = words.agent.slots
        let others = slots.others > 0 ? " (\(slots.others) by other balancers)" : ""
        return "\(slots.total): \(slots.leased) by this balancer, \(slots.foreign) by others\(others), "
            + "\(slots.cooling) cooling, \(max(0, slots.total - slots.busy)) idle"
    }

    private func entry(_ label: String, _ text: String, _ style: TextStyle = .normal) -> [StyledLine] {
        WrappedText.lines(text, width: width - Self.labelWidth).enumerated().map { index, part in
            labelled(index == 0 ? label : "", StyledLine(part, style))
        }
    }

    private func entry(_ label: String, _ line: StyledLine) -> [StyledLine] {
        guard Self.labelWidth + line.width > width else { return [labelled(label, line)] }
        return entry(label, line.text, line.spans.first?.style ?? .normal)
    }

    private func labelled(_ label: String, _ content: StyledLine) -> StyledLine {
        var line = StyledLine("  " + label, .muted).padded(to: Self.labelWidth)
        line.append(content)
        return line
    }
}
