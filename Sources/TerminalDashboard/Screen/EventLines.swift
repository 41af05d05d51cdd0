import ManagementClient

/// What became of the fleet lately, a line or more for each event.
enum EventLines {
    private static let ageWidth = 9

    static func of(_ state: DashboardState) -> [StyledLine] {
        switch state.events.content {
        case .unknown: [StyledLine("  Asking the balancer.", .muted)]
        case .none: [StyledLine("  This balancer keeps no events.", .muted)]
        case .some(let document) where document.events.isEmpty: [StyledLine("  Nothing has happened yet.", .muted)]
        case .some(let document):
            document.events.flatMap {
                lines($0, at: state.clock.time(at: state.now) ?? state.wallTime, width: state.size.width)
            }
        }
    }

    private static func lines(_ event: EventsDocument.Event, at now: Double?, width: Int) -> [StyledLine] {
        let age =
            if let now, let time = event.time { AmountText.seconds(max(0, now - time)) } else { "-" }
        let style: TextStyle = isTrouble(event.kind) ? .bad : .normal
        let indent = ageWidth + 2
        return WrappedText.lines(event.text, width: max(1, width - indent)).enumerated().map { index, part in
            var line = StyledLine(index == 0 ? age : "", .muted).rightAligned(in: ageWidth)
            line.pad(to: indent)
            line.append(part, style)
            return line
        }
    }

    private static func isTrouble(_ kind: String) -> Bool {
        switch kind {
        case "lost", "silent", "stuck", "ejected", "conflict", "refused", "not_taken", "name_taken": true
        default: false
        }
    }
}
