internal import HTTPExchange
public import LlamaServer
public import TransportSecurity

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Asks a balancer about its servers and lets it drain them.
public struct ManagementClient: Sendable {
    let balancer: Balancer
    let asker: HTTPAsker

    /// Which one, and how it is spoken to.
    public struct Balancer: Sendable {
        /// `http://10.0.0.1:8085`.
        let url: String
        /// Sent to it alone, never shown.
        let token: String?

        public init(address: NetworkAddress, usesTLS: Bool, token: String?) {
            url = "\(usesTLS ? "https" : "http")://\(address)"
            self.token = token
        }
    }

    /// What can be done to a server.
    public enum Change: String, Sendable {
        case drain, undrain
        /// To take one that is lost off the list.
        case forget
        /// To have its model loaded, or unloaded.
        case load, unload
    }

    init(balancer: Balancer, asker: HTTPAsker) {
        self.balancer = balancer
        self.asker = asker
    }

    /// - Parameters:
    ///   - limit: how long each answer may take.
    ///   - caFile: a PEM file of certificates to trust, beside the system's.
    ///   - certificate: shown to a balancer that asks for one.
    public static func with<Value: Sendable>(
        _ balancer: Balancer,
        limit: Duration = .seconds(10),
        caFile: String? = nil,
        certificate: CertificateFiles? = nil,
        _ body: @Sendable (ManagementClient) async throws -> Value
    ) async throws -> Value {
        try await HTTPAsker.with(limit: limit, caFile: caFile, certificate: certificate) { asker in
            try await body(ManagementClient(balancer: balancer, asker: asker))
        }
    }

    /// All of them, page by page: of a large fleet one answer would be too long. Balancers that know no pages give all at once.
    public func agents() async throws(ManagementClientError) -> [ListedAgent] {
        var agents: [ListedAgent] = []
        var page = ""
        for _ in 0..<Self.mostPages {
            let body = try await ask("GET", "/api/v1/agents?limit=\(Self.pageLength)\(page)")
            guard let reply = try? JSONDecoder().decode(ListedAgents.self, from: Data(body)) else {
                throw .garbled(balancer.url)
            }
            agents += reply.agents
            guard let next = reply.next else { return agents }
            page = "&after=\(PathSegment.encoded(next))"
        }
        return agents
    }

    private static let pageLength = 1000
    /// No fleet is larger.
    private static let mostPages = 1000

    /// - Returns: the server as it is now.
    public func change(_ change: Change, _ agent: ListedAgent) async throws(ManagementClientError) -> ListedAgent {
        let body = try await ask(
            "POST",
            "/api/v1/agents/\(PathSegment.encoded(change == .forget ? agent.address : agent.id))/\(change.rawValue)"
        )
        guard let reply = try? JSONDecoder().decode(ListedAgent.self, from: Data(body)) else {
            throw .garbled(balancer.url)
        }
        return reply
    }

    /// Whether it runs; an agent's status server answers this, too.
    ///
    /// - Throws: why it can't be said that it does.
    public func checkHealth() async throws(ManagementClientError) {
        _ = try await ask("GET", "/health")
    }

    func ask(
        _ method: String,
        _ path: String,
        headers more: [(name: String, value: String)] = [],
        body: [UInt8]? = nil
    ) async throws(ManagementClientError) -> [UInt8] {
        let headers = headers(accept: "application/json") + more
        let answer = await asker.ask(method, balancer.url + path, headers: headers, body: body)
        if case .reply(status: 200, let body) = answer { return body }
        throw failure(answer)
    }

    func headers(accept: String) -> [(name: String, value: String)] {
        var headers = [(name: "accept", value: accept)]
        if let token = balancer.token { headers.append((name: "authorization", value: "Bearer \(token)")) }
        return headers
    }

    /// What an answer that isn't the wanted one means.
    func failure(_ answer: HTTPAnswer) -> ManagementClientError {
        switch answer {
        case .reply(status: 401, _): .unauthorized(balancer.url, hasToken: balancer.token != nil)
        case .reply(let status, let body):
            .refused(balancer.url, status: status, message: ErrorReply.message(in: body))
        case .none(let reason): .noAnswer(balancer.url, reason: reason.inWords)
        }
    }
}

extension ManagementClient.Balancer: CustomStringConvertible, CustomReflectable {
    public var description: String { url }
    public var customMirror: Mirror { Mirror(self, children: ["url": url]) }
}
