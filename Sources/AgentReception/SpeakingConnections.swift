package import Scheduling

/// Which connection speaks for which agent: the one that came last.
package struct SpeakingConnections: Sendable {
    /// Tells the connections of one process apart.
    package typealias Number = UInt64

    /// Bounded by the number of connections.
    private var numbers: [AgentID: Number] = [:]
    private var last: Number = 0

    package init() {}

    /// From now on a new connection speaks for the agent; an older one, if there is any, is to be ended.
    package mutating func register(_ agent: AgentID) -> Number {
        last += 1
        numbers[agent] = last
        return last
    }

    package func speaks(_ number: Number, for agent: AgentID) -> Bool {
        numbers[agent] == number
    }

    /// From now on no connection speaks for the agent.
    package mutating func remove(_ agent: AgentID) {
        numbers[agent] = nil
    }

    /// - Returns: false when another connection speaks for the agent: nothing has changed then.
    package mutating func leave(_ agent: AgentID, number: Number) -> Bool {
        guard speaks(number, for: agent) else { return false }
        numbers[agent] = nil
        return true
    }
}
