/// Writes the agents' snapshots one after the other, each as the plain endpoint would, and encodes anew only the agents of
/// which something has changed: with 200 of them that is a tenth of the work.
struct AgentsEncoder {
    /// By address, as of the last snapshot.
    private var rows: [String: Row] = [:]

    private struct Row {
        let agent: AgentsReply.Agent
        let json: [UInt8]
    }

    mutating func json(_ reply: AgentsReply) throws -> [UInt8] {
        var next: [String: Row] = [:]
        next.reserveCapacity(reply.agents.count)
        // Keys in the order of their letters, as everywhere.
        var json = Array(#"{"agents":["#.utf8)
        for agent in reply.agents {
            let row = try row(agent)
            if json.last == UInt8(ascii: "}") { json.append(UInt8(ascii: ",")) }
            json += row.json
            next[agent.externalAddress] = row
        }
        rows = next
        json += Array(#"],"fleet":"#.utf8)
        json += try OperatorReplies.json(reply.fleet)
        if let omitted = reply.omitted { json += Array(#","omitted":\#(omitted)"#.utf8) }
        json.append(UInt8(ascii: "}"))
        return json
    }

    private func row(_ agent: AgentsReply.Agent) throws -> Row {
        if let row = rows[agent.externalAddress], row.agent == agent { return row }
        return Row(agent: agent, json: try OperatorReplies.json(agent))
    }
}
