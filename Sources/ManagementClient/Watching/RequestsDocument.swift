#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// `GET /api/v1/requests`: those that are under way, and those that ended last.
package struct RequestsDocument: Equatable, Sendable {
    /// Of all, however many are listed.
    package var runningTotal: Int
    /// Those under way, then those that ended, the newest first.
    package var requests: [Request]

    /// Of each, that are asked for.
    package static let most = 200

    package init(runningTotal: Int, requests: [Request]) {
        self.runningTotal = runningTotal
        self.requests = requests
    }

    package struct Request: Equatable, Sendable {
        /// When its head had been read, in seconds since 1970 by the balancer's clock; nil: it doesn't say.
        package var time: Double?
        package var tenant: String?
        package var client: String?
        package var path: String?
        package var model: String?
        /// `running`, `answered` and so on.
        package var outcome: String
        package var reason: String?
        package var status: Int?
        /// The name of the server, or its address.
        package var server: String?
        package var waitedSeconds: Double?
        package var firstTokenSeconds: Double?
        package var totalSeconds: Double?
        package var tokensPrompt: Double?
        package var tokensCached: Double?
        package var tokensGenerated: Double?

        package init(outcome: String) {
            self.outcome = outcome
        }
    }
}

extension RequestsDocument: Decodable {
    enum CodingKeys: String, CodingKey {
        case runningTotal = "running_total"
        case running, ended
    }

    package init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        let running: [Request] = values.value(.running) ?? []
        let ended = try values.decode([Request].self, forKey: .ended)
        runningTotal = values.count(.runningTotal) ?? running.count
        requests = Array(running.prefix(Self.most)) + Array(ended.prefix(Self.most))
    }
}

extension RequestsDocument.Request: Decodable {
    enum CodingKeys: String, CodingKey {
        case time, tenant, client, path, model, outcome, status, upstream
        case reason = "outcome_reason"
        case upstreamName = "upstream_name"
        case waited = "waited_seconds"
        case firstToken = "first_token_seconds"
        case total = "total_seconds"
        case tokensPrompt = "tokens_prompt"
        case tokensCached = "tokens_cached"
        case tokensGenerated = "tokens_generated"
    }

    package init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        self.init(outcome: try values.decode(String.self, forKey: .outcome))
        let style = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
        time = values.value(.time, String.self).flatMap { try? Date($0, strategy: style) }?.timeIntervalSince1970
        tenant = values.value(.tenant)
        client = values.value(.client)
        path = values.value(.path)
        model = values.value(.model)
        reason = values.value(.reason)
        status = values.count(.status)
        server = values.value(.upstreamName) ?? values.value(.upstream)
        waitedSeconds = values.amount(.waited)
        firstTokenSeconds = values.amount(.firstToken)
        totalSeconds = values.amount(.total)
        tokensPrompt = values.amount(.tokensPrompt)
        tokensCached = values.amount(.tokensCached)
        tokensGenerated = values.amount(.tokensGenerated)
    }
}
