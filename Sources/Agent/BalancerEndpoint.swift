import LlamaServer

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Where one balancer is reached, and what it is shown.
package struct BalancerEndpoint: Sendable {
    let address: NetworkAddress
    package let usesTLS: Bool
    /// Shown with each request; never logged.
    let token: ManagementToken?

    var hasToken: Bool { token?.isGiven == true }

    package func get(_ path: String) -> AgentRequest {
        var request = AgentRequest("GET", at: "\(usesTLS ? "https" : "http")://\(address)\(path)")
        if let token = token?.current() { request.headers.append(("authorization", "Bearer \(token)")) }
        return request
    }

    package func post(_ path: String, contentType: String?, body: [UInt8]? = nil) -> AgentRequest {
        var request = get(path)
        request.method = "POST"
        if let contentType { request.headers.append(("content-type", contentType)) }
        request.body = body
        return request
    }
}

extension BalancerEndpoint {
    private static let healthLimit = Duration.seconds(5)
    private static let longestHealth = 16 * 1024

    /// Whether its health is that of Paddler 0.10's management: not known to be, if there is no answer.
    func isOfVersion010(asking client: any AgentClient) async -> Bool {
        guard
            let answer = try? await client.exchange(get("/health"), within: Self.healthLimit, upTo: Self.longestHealth),
            let health = try? JSONDecoder().decode(Health.self, from: Data(answer.body))
        else { return false }
        return health.registeredTargets != nil && health.slotsTotal == nil
    }

    private struct Health: Decodable {
        let registeredTargets: Int?
        /// Of ours, which takes reports of 1.x.
        let slotsTotal: Int?

        enum CodingKeys: String, CodingKey {
            case registeredTargets = "registered_targets"
            case slotsTotal = "slots_total"
        }
    }
}
