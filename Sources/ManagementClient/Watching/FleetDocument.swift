/// `GET /api/v1/agents` and each event of its stream, as far as this balancer tells it: older ones say less.
package struct FleetDocument: Equatable, Sendable, Decodable {
    /// In balancing order.
    package var agents: [Agent]
    /// Nil: the balancer doesn't say.
    package var fleet: Totals?

    package init(agents: [Agent], fleet: Totals? = nil) {
        self.agents = agents
        self.fleet = fleet
    }

    enum CodingKeys: CodingKey {
        case agents, fleet
    }

    package init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        agents = try values.decode([Agent].self, forKey: .agents)
        fleet = values.value(.fleet)
    }
}
