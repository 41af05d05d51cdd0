import AgentProtocol
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import Scheduling

/// Where agents connect.
struct AgentRoutes {
    let registry: AgentRegistry
    let fleet: any FleetControl
    let version: String
    let logger: Logger

    /// Longer than any name that a process makes for itself.
    static let maximumIDLength = 128

    func add(to router: Router<BasicRequestContext>) {
        let path: RouterPath = "/api/v1/agents/:id/connection"
        router.post(path) { request, context in
            let agent = try Self.agentID(context.parameters.get("id"))
            return connection(of: agent, request)
        }
        router.refuseOtherMethods(at: path, allowed: [.post])
    }

    private static func agentID(_ text: String?) throws -> AgentID {
        guard let text, (1...maximumIDLength).contains(text.utf8.count), text.utf8.allSatisfy(isPlain) else {
            throw RequestFailure.badRequest(
                "an agent's id is 1 to \(maximumIDLength) letters, digits, dots, hyphens and underscores"
            )
        }
        return AgentID(rawValue: text)
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"):
            true
        default:
            false
        }
    }

    /// The answer's body is what the balancer says; it begins while the request's body, what the agent says, goes on.
    private func connection(of agent: AgentID, _ request: Request) -> Response {
        var logger = logger
        logger[metadataKey: "agent"] = "\(agent.rawValue)"
        let session = AgentSession(agent: agent, registry: registry, fleet: fleet, version: version, logger: logger)
        return Response(
            status: .ok,
            headers: [.contentType: AgentConnection.contentType, .cacheControl: "no-store"],
            body: .init { writer in
                try await session.run(reading: request.body, writing: &writer)
            }
        )
    }
}
