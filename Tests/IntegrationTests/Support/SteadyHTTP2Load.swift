import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import NIOSSL
import Synchronization

/// As ``SteadyLoad``, by HTTP/2 over TLS, all clients over the connections that AsyncHTTPClient keeps: one, as a rule.
final class SteadyHTTP2Load: Sendable {
    private static let tokens = 8
    private static let tokenMilliseconds = 20

    private let url: String
    private let client: HTTPClient
    private let isStopped = Atomic(false)
    private let result = Mutex(SteadyLoad.Result())

    /// - Parameter authority: the file of certificates to trust.
    static func run(
        clients: Int = 8,
        port: Int,
        trusting authority: String,
        during body: (SteadyHTTP2Load) async throws -> Void
    ) async throws -> SteadyLoad.Result {
        var tls = TLSConfiguration.makeClientConfiguration()
        tls.trustRoots = .file(authority)
        var configuration = HTTPClient.Configuration(tlsConfiguration: tls)
        // What fails is to be seen.
        configuration.connectionPool.retryConnectionEstablishment = false
        let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        let load = SteadyHTTP2Load(url: "https://localhost:\(port)/v1/chat/completions", client)
        do {
            try await withThrowingDiscardingTaskGroup { group in
                for client in 0..<clients { group.addTask { await load.ask(beginningWith: client) } }
                defer { load.isStopped.store(true, ordering: .relaxed) }
                try await body(load)
            }
        } catch {
            try await client.shutdown()
            throw error
        }
        try await client.shutdown()
        return load.result.withLock { $0 }
    }

    /// Waits for so many more answers, whole or not.
    func waitForMore(_ count: Int) async throws {
        let before = result.withLock { $0.answered + $0.failures.count }
        try await eventually("\(count) answers more than \(before)", within: .seconds(60)) {
            result.withLock { $0.answered + $0.failures.count } >= before + count
        }
    }

    private init(url: String, _ client: HTTPClient) {
        self.url = url
        self.client = client
    }

    private func ask(beginningWith first: Int) async {
        var number = first
        while !isStopped.load(ordering: .relaxed) {
            let failure = await failureOfOne(isStream: number.isMultiple(of: 2))
            let isOver = result.withLock { result in
                if let failure { result.failures.append(failure) } else { result.answered += 1 }
                return result.answered + result.failures.count >= SteadyLoad.mostRequests
            }
            guard !isOver else { return }
            number += 1
        }
    }

    /// AsyncHTTPClient fails by itself what it has just given to a connection that is told to go in the same moment, and never
    /// sends it (`HTTP2Connection.executeRequest0`): its users ask again.
    private func executed(_ request: HTTPClientRequest) async throws -> HTTPClientResponse {
        for _ in 0..<10 {
            do {
                return try await client.execute(request, timeout: .seconds(60))
            } catch let error as HTTPClientError where error == .cancelled {
                continue
            }
        }
        throw HTTPClientError.cancelled
    }

    /// - Returns: what is wrong with the answer; nil if it is whole.
    private func failureOfOne(isStream: Bool) async -> String? {
        var request = HTTPClientRequest(url: url)
        request.method = .POST
        if isStream {
            request.headers.add(name: "X-Fake-Tokens", value: "\(Self.tokens)")
            request.headers.add(name: "X-Fake-Token-Delay-Ms", value: "\(Self.tokenMilliseconds)")
        } else {
            request.headers.add(name: "X-Fake-Delay-Ms", value: "\(Self.tokens * Self.tokenMilliseconds)")
            request.headers.add(name: "X-Fake-Token-Delay-Ms", value: "0")
        }
        request.body = .bytes(ByteBuffer(string: isStream ? #"{"stream":true}"# : "{}"))
        do {
            let response = try await executed(request)
            let text = String(buffer: try await response.body.collect(upTo: 1 << 20))
            guard response.status == .ok, response.version == .http2 else { return "\(response): \(text)" }
            guard isStream else { return nil }
            // The tokens, the reason of the end, and the end.
            let events = text.split(separator: "\n\n")
            let isWhole = events.count == Self.tokens + 2 && events.last == "data: [DONE]"
            return isWhole ? nil : text
        } catch {
            return "\(error)"
        }
    }
}
