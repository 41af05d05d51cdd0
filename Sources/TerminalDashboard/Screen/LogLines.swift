/// What a server prints.
enum LogLines {
    static func of(_ log: FollowedLog) -> [StyledLine] {
        var lines = log.lines.map { StyledLine("  " + $0, isRemark($0) ? .muted : .normal) }
        if let end = log.end {
            lines.append(StyledLine("  " + end, .warning))
        } else if lines.isEmpty {
            lines.append(StyledLine("  It has printed nothing yet.", .muted))
        }
        return lines
    }

    /// Said by the balancer or the agent, and not by the server.
    private static func isRemark(_ line: String) -> Bool {
        line.hasPrefix("[paddler] ") || line.hasPrefix("… ") && line.hasSuffix(" left out")
    }
}
