internal import HTTPExchange

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

extension ManagementClient {
    /// The balancer's whole document, as it is.
    package func snapshotText() async throws(ManagementClientError) -> [UInt8] {
        let body = try await ask("GET", Self.snapshotPath)
        _ = try snapshot(in: body)
        return body
    }

    package func snapshot() async throws(ManagementClientError) -> FleetDocument {
        try snapshot(in: try await ask("GET", Self.snapshotPath))
    }

    /// Those that have each of the words in their name, address, state, condition or models.
    ///
    /// - Returns: at most ``mostFound``; of an older balancer, which can't search, all.
    package func agents(with words: String) async throws(ManagementClientError) -> FleetDocument {
        let query = "?limit=\(Self.mostFound)&search=\(PathSegment.encoded(words))"
        return try snapshot(in: try await ask("GET", Self.snapshotPath + query))
    }

    private static let mostFound = 200

    /// - Returns: nil where the balancer keeps none: older ones don't.
    package func history() async throws(ManagementClientError) -> HistoryDocument? {
        try await document("/api/v1/history")
    }

    /// - Returns: nil where the balancer keeps none: older ones don't.
    package func events() async throws(ManagementClientError) -> EventsDocument? {
        try await document("/api/v1/events")
    }

    /// - Returns: nil where the balancer doesn't list them: older ones don't.
    package func requests() async throws(ManagementClientError) -> RequestsDocument? {
        try await document("/api/v1/requests?limit=\(RequestsDocument.most)")
    }

    private func document<Document: Decodable>(_ path: String) async throws(ManagementClientError) -> Document? {
        let body: [UInt8]
        do {
            body = try await ask("GET", path)
        } catch .refused(_, status: 404, _) {
            return nil
        }
        return try? JSONDecoder().decode(Document.self, from: Data(body))
    }

    /// Reads snapshots as they change.
    ///
    /// - Parameter each: gets them one by one; while it works, older ones make way for newer ones at the balancer.
    /// - Returns: why there are no more.
    package func watch(_ each: (FleetDocument) async -> Void) async -> ManagementClientError {
        var events = ServerSentEvents()
        let url = balancer.url + Self.snapshotPath + "/stream"
        let answer = await asker.follow(url, headers: headers(accept: "text/event-stream")) { bytes in
            // Who didn't keep up needs the newest alone.
            guard let newest = try events.read(bytes).last else { return }
            await each(try snapshot(in: newest))
        }
        return failure(answer)
    }

    private static let snapshotPath = "/api/v1/agents"

    private func snapshot(in body: [UInt8]) throws(ManagementClientError) -> FleetDocument {
        guard let document = try? JSONDecoder().decode(FleetDocument.self, from: Data(body)) else {
            throw .garbled(balancer.url)
        }
        return document
    }
}
