import Agent
import AgentProtocol
import Foundation
import PrintableText

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

/// A `URLSession` as an agent uses one.
///
/// Where it stands on libcurl, it reads no answer while it waits for more of a request's body: so a connection to a
/// balancer is divided (``AgentConnection``).
struct URLSessionClient: AgentClient {
    private let session: URLSession
    private let answers: AnswerStreams

    /// Longer than any process lives: limits are the agent's own.
    private static let noLimit: TimeInterval = 365 * 24 * 3600
    /// Of a request with the agent's lines. Its answer shows that the balancer is there.
    private static let linesLimit = Duration.seconds(10)
    private static let longestShortAnswer = 16 * 1024
    /// After so long without a sign of life, the balancer's side of a connection is dead.
    private static let silenceLimit = AgentConnection.signOfLifeInterval * 3

    init() {
        let configuration = URLSessionConfiguration.ephemeral
        configuration.timeoutIntervalForRequest = Self.noLimit
        configuration.timeoutIntervalForResource = Self.noLimit
        configuration.httpCookieStorage = nil
        configuration.urlCache = nil
        configuration.urlCredentialStorage = nil
        configuration.requestCachePolicy = .reloadIgnoringLocalCacheData
        answers = AnswerStreams()
        session = URLSession(configuration: configuration, delegate: answers, delegateQueue: nil)
    }

    /// What still goes on is cancelled.
    func close() {
        session.invalidateAndCancel()
    }

    func exchange(
        _ request: AgentRequest,
        within limit: Duration,
        upTo maximumBytes: Int
    ) async throws -> AgentAnswer {
        try await Self.within(limit) {
            let answer = try await begin(request)
            defer { answer.cancel() }
            return AgentAnswer(
                status: answer.status,
                body: try await answer.downlink.collect(upTo: maximumBytes)
            )
        }
    }

    func connect<Uplink: AsyncSequence & Sendable, Value>(
        to balancer: BalancerEndpoint,
        as agentID: String,
        saying uplink: Uplink,
        within limit: Duration,
        _ body: (Downlink) async throws -> Value
    ) async throws -> Value where Uplink.Element == [UInt8] {
        let connectionID = UUID().uuidString.lowercased()
        let opening = balancer.post(
            AgentConnection.dividedPath(agentID: agentID, connectionID: connectionID),
            contentType: AgentConnection.contentType
        )
        // Now, so that the connection goes on with the token that it was opened with.
        let saying = balancer.post(
            AgentConnection.linesPath(agentID: agentID, connectionID: connectionID),
            contentType: AgentConnection.contentType
        )
        let answer = try await Self.within(limit) {
            try await openConnection(to: balancer, within: limit)
            return try await begin(opening)
        }
        defer { answer.cancel() }
        guard answer.status == 200 else { return try await body(answer.downlink) }
        return try await withThrowingTaskGroup { group in
            group.addTask {
                do {
                    for try await line in uplink {
                        guard answer.silence < Self.silenceLimit else {
                            throw TransportFailure.connection(.noAnswer)
                        }
                        try await say(line, by: saying)
                    }
                } catch {
                    answer.end(throwing: error)
                }
            }
            defer { group.cancelAll() }
            return try await body(answer.downlink)
        }
    }

    /// Asks something short, whatever the answer is: the next request goes over the same connection.
    ///
    /// swift-corelibs-foundation goes on to wait until it can write to a connection that was opened for a request, for as
    /// long as that lasts, and that is always: a request that lasts would take a quarter of a core.
    private func openConnection(to balancer: BalancerEndpoint, within limit: Duration) async throws {
        _ = try await exchange(balancer.get("/health"), within: limit, upTo: Self.longestShortAnswer)
    }

    private func say(_ line: [UInt8], by request: AgentRequest) async throws {
        var request = request
        request.body = line
        let answer = try await exchange(request, within: Self.linesLimit, upTo: Self.longestShortAnswer)
        switch answer.status {
        case 200..<300: return
        // The balancer has ended it, or been started anew.
        case 404: throw TransportFailure.connection(.closed)
        default: throw TransportFailure.connection(.other("it answered \(answer.status)"))
        }
    }

    /// Returns when the answer has begun.
    private func begin(_ request: AgentRequest) async throws -> RunningAnswer {
        let task = session.dataTask(with: try URLRequest(request))
        return try await answers.answer(to: task)
    }

    /// - Throws: ``TransportFailure/late`` when there is nothing within the limit.
    private static func within<Value: Sendable>(
        _ limit: Duration,
        _ body: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        try await withThrowingTaskGroup(of: Value.self) { group in
            group.addTask { try await body() }
            // A limit and no wait: what ends first cancels the other. URLSession's own limits are on silence, not on the whole.
            group.addTask {
                try await Task.sleep(for: limit)
                throw TransportFailure.late
            }
            defer { group.cancelAll() }
            guard let value = try await group.next() else { throw TransportFailure.late }
            return value
        }
    }
}

extension URLRequest {
    /// - Throws: ``TransportFailure`` for what can't be sent. It never shows a header's value, which may be a key.
    fileprivate init(_ request: AgentRequest) throws {
        guard let url = URL(string: request.url) else {
            throw TransportFailure.connection(.other("this is not an address: \(request.url)"))
        }
        self.init(url: url)
        httpMethod = request.method
        httpBody = request.body.map { Data($0) }
        // Answers are short, and a compressed one could be as long as it likes.
        setValue("identity", forHTTPHeaderField: "accept-encoding")
        for header in request.headers {
            // URLSession would take the rest for another header.
            guard header.value.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else {
                throw TransportFailure.connection(
                    .other("the \(header.name) header has characters that cannot be sent")
                )
            }
            setValue(header.value, forHTTPHeaderField: header.name)
        }
    }
}
