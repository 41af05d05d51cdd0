// What other balancers of the same agents are to know.

extension Scheduler {
    /// Agents that are to be told how many leases this balancer has, because that has changed since they were told last; to be taken
    /// after every input. O(1) when there are none.
    public mutating func takeLeaseNews() -> [AgentID] {
        guard fleet.hasLeaseNews || !formerOwners.isEmpty else { return [] }
        defer { formerOwners = [] }
        return formerOwners + fleet.takeLeaseNews().compactMap { fleet[$0].owner.flatMap { agents[$0]?.id } }
    }

    /// How many slots of an agent's upstream this balancer's requests occupy, those included whose client has left; 0 if another
    /// agent speaks for it. O(1).
    public func leases(of agent: AgentID) -> Int {
        guard let upstream = agents.index(of: agent).flatMap({ agents[$0]?.upstream }) else { return 0 }
        return fleet[upstream].ownLeases
    }
}
