import LlamaServer

/// Who an agent is, whatever the dialect in which it says so.
struct AgentIdentity: Equatable, Sendable {
    /// Made up when the agent starts: of letters, digits and hyphens.
    let id: String
    let name: String?
    /// Where balancers reach the llama-server.
    let external: NetworkAddress
    let externalUsesTLS: Bool
}
