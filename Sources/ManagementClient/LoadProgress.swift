/// How far the load of a model has come that an agent was asked for.
public enum LoadProgress: Equatable, Sendable {
    /// It is in memory, and its server answers.
    case done
    case underWay
    /// It won't be loaded by this: says why.
    case failed(String)

    /// - Parameters:
    ///   - address: its server's.
    ///   - hasBegun: whether it was seen to load.
    public static func of(_ address: String, hasBegun: Bool, in servers: [ModelServer]) -> LoadProgress {
        guard let one = servers.first(where: { $0.server.address == address }) else { return .failed("it is gone") }
        switch one.condition {
        // Whether or not it is given requests.
        case "ready" where !one.isLeaving: return .done
        case "ready", "loading", "restarting": return .underWay
        case "unloaded" where !hasBegun && one.onDemand?.wish != nil: return .underWay
        case "unloaded", "failing": return .failed(one.onDemand?.refusal ?? "its agent has given it up")
        // While its server starts, nobody listens there.
        case "down" where !hasBegun: return .underWay
        default: return .failed("its server is \(one.condition)")
        }
    }
}
