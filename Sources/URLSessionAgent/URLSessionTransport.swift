package import Agent
import Foundation
package import LlamaServer

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

/// HTTP by Foundation's URLSession, which is there wherever Swift is. It trusts whom the system trusts.
package struct URLSessionTransport: AgentTransport {
    package init() {}

    package var dialects: [AgentDialect] { [.current, .version010] }

    package var ownAddresses: Set<String> {
        Set(Foundation.Host.current().addresses)
    }

    package func origin(of server: NetworkAddress, usingTLS: Bool) -> String {
        "\(usingTLS ? "https" : "http")://\(server)"
    }

    package func withServerClient<Value>(_ body: (any AgentClient) async throws -> Value) async throws -> Value {
        try await withClient(body)
    }

    package func withBalancerClient<Value>(
        usingTLS: Bool,
        _ body: (any AgentClient) async throws -> Value
    ) async throws -> Value {
        try await withClient(body)
    }

    private func withClient<Value>(_ body: (any AgentClient) async throws -> Value) async throws -> Value {
        let client = URLSessionClient()
        defer { client.close() }
        return try await body(client)
    }
}
