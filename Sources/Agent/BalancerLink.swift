import AgentProtocol
import AsyncHTTPClient
import LlamaServer
import Logging
import NIOCore
import NIOHTTP1
import ServiceLifecycle

/// Keeps one connection to one balancer, and gets a new one when it is lost.
struct BalancerLink: Sendable {
    let balancer: NetworkAddress
    let agentID: String
    let hello: Hello
    let heartbeatInterval: Duration
    let outbox: LinkOutbox
    let demand: PollDemand
    let logger: Logger

    /// From connecting to the head of the balancer's answer.
    private static let connectLimit = TimeAmount.seconds(10)

    /// Returns after a goodbye, or when cancelled.
    func run() async {
        var backoff = Backoff()
        var generator = SystemRandomNumberGenerator()
        var isKnownToBeAway = false
        while !Task.isCancelled, !outbox.isLeaving {
            let end = await converse()
            guard !outbox.isLeaving, !Task.isCancelled else { return }
            if end.wasWelcome {
                backoff.reset()
                isKnownToBeAway = false
            }
            if end.isFinal { backoff.saturate() }
            let delay = backoff.next(using: &generator)
            logger.log(
                level: isKnownToBeAway ? .debug : .warning,
                "no connection to the balancer",
                metadata: ["reason": "\(end.reason)"]
            )
            isKnownToBeAway = true
            // Cut short by cancellation and by a graceful shutdown, which the loop's condition sees.
            try? await cancelWhenGracefulShutdown { try await Task.sleep(for: delay) }
        }
    }

    /// One connection from its beginning to its end. A client of its own makes sure that nothing is reused: the name is
    /// resolved anew, and no other link is in the way.
    private func converse() async -> LinkEnd {
        var wasWelcome = false
        do {
            return try await HTTPClient.withHTTPClient(configuration: Self.clientConfiguration) { client in
                let uplink = outbox.connect(hello)
                defer { outbox.disconnect() }
                let response = try await client.execute(request(uplink), timeout: Self.connectLimit)
                guard response.status == .ok else { return await LinkEnd.refusal(response) }
                return try await withThrowingTaskGroup { group in
                    group.addTask { try await beat() }
                    defer { group.cancelAll() }
                    return try await listen(to: response.body, &wasWelcome)
                }
            }
        } catch {
            return LinkEnd(reason: ConnectionFailure.inWords(error), wasWelcome: wasWelcome)
        }
    }

    private func request(_ uplink: LinkUplink) -> HTTPClientRequest {
        var request = HTTPClientRequest(url: "http://\(balancer)\(AgentConnection.path(agentID: agentID))")
        request.method = .POST
        request.headers.add(name: "content-type", value: AgentConnection.contentType)
        request.body = .stream(uplink, length: .unknown)
        return request
    }

    private func beat() async throws {
        while true {
            try await Task.sleep(for: heartbeatInterval)
            outbox.repeatLatest()
        }
    }

    private func listen(to body: HTTPClientResponse.Body, _ wasWelcome: inout Bool) async throws -> LinkEnd {
        var lines = MessageLines()
        for try await piece in body {
            for line in try lines.append(piece.readableBytesView) {
                switch try BalancerMessage.decode(line: line) {
                case .welcome(let version):
                    wasWelcome = true
                    logger.info("connected to the balancer", metadata: ["balancer_version": "\(version)"])
                case .poll:
                    demand.raise()
                case .refused(let reason):
                    return LinkEnd(reason: "refused: \(reason)", wasWelcome: wasWelcome, isFinal: true)
                case .drained, nil:
                    continue
                }
            }
        }
        return LinkEnd(reason: "the balancer ended the connection", wasWelcome: wasWelcome)
    }

    private static var clientConfiguration: HTTPClient.Configuration {
        var configuration = HTTPClient.Configuration(
            redirectConfiguration: .disallow,
            timeout: .init(connect: .seconds(5))
        )
        configuration.httpVersion = .http1Only
        configuration.connectionPool.retryConnectionEstablishment = false
        #if os(Linux)
            configuration.http1_1ConnectionDebugInitializer = { channel in
                channel.setOption(.tcpOption(Self.tcpUserTimeout), value: Self.silenceLimitMilliseconds)
            }
        #endif
        return configuration
    }

    #if os(Linux)
        /// TCP_USER_TIMEOUT, tcp(7): heartbeats that aren't acknowledged for this long end the connection, instead of being
        /// sent again for a quarter of an hour to a machine that is gone.
        private static let tcpUserTimeout = NIOBSDSocket.Option(rawValue: 18)
        private static let silenceLimitMilliseconds = 10_000
    #endif
}
