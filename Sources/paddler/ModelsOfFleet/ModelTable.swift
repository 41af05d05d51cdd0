import LogLines
import ManagementClient
import PrintableText

/// The models of a fleet, a line for each of their servers.
struct ModelTable {
    private let models: FleetModels

    init(_ models: FleetModels) {
        self.models = models
    }

    /// - Parameter width: of the terminal, in columns, to which lines are cut; nil: nothing is cut.
    func lines(width: Int?) -> [String] {
        guard !models.servers.isEmpty else { return ["The balancer has no servers."] }
        let sorted = models.servers.sorted {
            ($0.models.first ?? "", $0.server.inWords) < ($1.models.first ?? "", $1.server.inWords)
        }
        var table = TextTable(["MODEL", "STATE", "SERVER"], numbers: ["SLOTS", "WAITING", "MEMORY", "LOADED FOR"])
        for one in sorted {
            table.add(
                [one.models.first ?? "(unnamed)", Self.state(one), one.server.inWords],
                numbers: [
                    one.state == "usable" ? "\(one.slotsProcessing)/\(one.slotsTotal)" : "",
                    "\(models.waiting(for: one))",
                    one.onDemand.map { MemoryText.of($0.memoryBytes) } ?? "",
                    one.onDemand?.loadedForSeconds.map(Self.time) ?? "",
                ]
            )
        }
        let refusals = sorted.compactMap { one in
            one.onDemand?.refusal.map { "\(one.server.inWords): \($0)" }
        }
        return (table.lines(width: width) + (refusals.isEmpty ? [] : [""] + refusals)).map(HarmlessText.line)
    }

    private static func state(_ one: ModelServer) -> String {
        switch (one.state, one.onDemand) {
        case ("usable", nil): "ready"
        case ("usable", let onDemand?): onDemand.isPinned ? "loaded, pinned" : "loaded"
        // Until its server, which was told to end, is gone.
        case ("draining", .some) where one.isLeaving, ("not_ready", .some) where one.isLeaving: "unloading"
        case ("not_ready", _): one.condition.replacing("_", with: " ")
        default: one.state.replacing("_", with: " ")
        }
    }

    /// `45s`, `12m`, `3h05m`, `2d`.
    static func time(_ seconds: Int) -> String {
        switch seconds {
        case ..<60: return "\(seconds)s"
        case ..<3600: return "\(seconds / 60)m"
        case ..<86_400:
            let minutes = seconds / 60 % 60
            return "\(seconds / 3600)h\(minutes < 10 ? "0" : "")\(minutes)m"
        default: return "\(seconds / 86_400)d"
        }
    }
}
