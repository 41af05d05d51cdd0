internal import AsyncHTTPClient
internal import NIOCore
internal import NIOHTTP1

extension HTTPAsker {
    /// Reads an answer that goes on until one of the two leaves.
    ///
    /// - Parameter each: gets what came since the call before. No more is read while it works.
    /// - Returns: the whole answer when its status isn't 200; otherwise why it ended. Silence for longer than the limit
    ///   ends it.
    public func follow(
        _ url: String,
        headers: [(name: String, value: String)] = [],
        _ each: ([UInt8]) async throws -> Void
    ) async -> HTTPAnswer {
        await read(url, headers: headers, each) ?? .none(.failed("connection closed"))
    }

    /// Reads an answer piece by piece.
    ///
    /// - Parameters:
    ///   - mayBeSilent: whether nothing may come for longer than the limit.
    ///   - each: gets what came since the call before. No more is read while it works.
    /// - Returns: nil when it was read to its end; the whole answer when its status isn't 200; otherwise why it broke off.
    public func read(
        _ url: String,
        headers: [(name: String, value: String)] = [],
        mayBeSilent: Bool = false,
        _ each: ([UInt8]) async throws -> Void
    ) async -> HTTPAnswer? {
        var request = HTTPClientRequest(url: url)
        for header in headers { request.headers.add(name: header.name, value: header.value) }
        request.headers.replaceOrAdd(name: "connection", value: "close")
        var isWhole = false
        let answer = await answer {
            try await with(mayBeSilent: mayBeSilent) { client in
                // The client's own limits on connecting and on silence hold; the whole has none.
                let response = try await client.execute(request, deadline: .distantFuture)
                guard response.status == .ok else { return try await Self.whole(response) }
                for try await part in response.body { try await each(Array(part.readableBytesView)) }
                isWhole = true
                return .none(.failed("connection closed"))
            }
        }
        return isWhole ? nil : answer
    }

    /// How long silence may be, belongs to a client.
    private func with(
        mayBeSilent: Bool,
        _ body: (HTTPClient) async throws -> HTTPAnswer
    ) async throws -> HTTPAnswer {
        guard mayBeSilent else { return try await body(client) }
        var configuration = configuration
        configuration.timeout.read = nil
        return try await HTTPClient.withHTTPClient(configuration: configuration) { try await body($0) }
    }
}
