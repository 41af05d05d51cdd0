/// One agent process: a restarted agent has another one.
public struct AgentID: Hashable, Sendable {
    public let rawValue: String

    public init(rawValue: String) {
        self.rawValue = rawValue
    }
}

extension AgentID: CustomStringConvertible {
    public var description: String { rawValue }
}
