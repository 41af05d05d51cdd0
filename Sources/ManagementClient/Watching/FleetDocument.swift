/// `GET /api/v1/agents` and each event of its stream, as far as this balancer tells it: older ones say less.
package struct FleetDocument: Equatable, Sendable, Decodable {
    /// In balancing order; of a large fleet, when it is watched, those that need somebody first.
    package var agents: [Agent]
    /// How many aren't among these.
    package var omitted = 0
    /// Nil: the balancer doesn't say.
    package var fleet: Totals?

    package init(agents: [Agent], fleet: Totals? = nil) {
        self.agents = agents
        self.fleet = fleet
    }

    enum CodingKeys: CodingKey {
        case agents, fleet, omitted
    }

    package init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        agents = try values.decode([Agent].self, forKey: .agents)
        fleet = values.value(.fleet)
        omitted = values.count(.omitted) ?? 0
    }
}
