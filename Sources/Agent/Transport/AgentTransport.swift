package import LlamaServer

/// The HTTP by which an agent asks its llama-server and speaks to balancers.
package protocol AgentTransport: Sendable {
    /// Those that can be spoken over it.
    var dialects: [AgentDialect] { get }

    /// IP addresses of this machine.
    var ownAddresses: Set<String> { get }

    /// Of a llama-server's URLs, without the slash of a path.
    func origin(of server: NetworkAddress, usingTLS: Bool) -> String

    /// For the llama-server, for as long as the body runs.
    func withServerClient<Value>(_ body: (any AgentClient) async throws -> Value) async throws -> Value

    /// For one conversation with one balancer: nothing is reused, the name is resolved anew, and no other balancer is in
    /// the way.
    func withBalancerClient<Value>(
        usingTLS: Bool,
        _ body: (any AgentClient) async throws -> Value
    ) async throws -> Value
}
