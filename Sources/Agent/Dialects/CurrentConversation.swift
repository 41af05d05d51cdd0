import AgentProtocol
import AsyncHTTPClient
import LlamaServer
import NIOCore
import NIOHTTP1

/// Our own dialect: one request with lines of JSON in both of its bodies.
struct CurrentConversation: BalancerConversation {
    let balancer: BalancerEndpoint
    let agentID: String
    let hello: Hello
    let heartbeatInterval: Duration
    let outbox: LinkOutbox
    let demand: PollDemand

    /// From connecting to the head of the balancer's answer.
    private static let connectLimit = Duration.seconds(10)
    private static let dialect = AgentDialect.current

    func converse(_ hear: (ConversationNews) -> Void) async -> LinkEnd {
        var wasWelcome = false
        do {
            return try await HTTPClient.withHTTPClient(configuration: balancer.clientConfiguration) { client in
                var request = balancer.post(
                    AgentConnection.path(agentID: agentID),
                    contentType: AgentConnection.contentType
                )
                request.body = .stream(outbox.connect(hello), length: .unknown)
                defer { outbox.disconnect() }
                // It may send something as soon as it has the report, before its welcome is here.
                hear(.offered)
                let response = try await client.execute(request, timeout: TimeAmount(Self.connectLimit))
                guard response.status == .ok else {
                    return await LinkEnd.refusal(response, to: balancer, speaking: Self.dialect)
                }
                return try await withThrowingTaskGroup { group in
                    group.addTask { try await beat() }
                    defer { group.cancelAll() }
                    return try await listen(to: response.body, hear, &wasWelcome)
                }
            }
        } catch let error as HTTPClientError where error == .deadlineExceeded && !wasWelcome {
            return .silence(for: Self.connectLimit, speaking: Self.dialect)
        } catch {
            return LinkEnd(error, wasWelcome: wasWelcome)
        }
    }

    private func beat() async throws {
        while true {
            try await Task.sleep(for: heartbeatInterval)
            outbox.repeatLatest()
        }
    }

    private func listen(
        to body: HTTPClientResponse.Body,
        _ hear: (ConversationNews) -> Void,
        _ wasWelcome: inout Bool
    ) async throws -> LinkEnd {
        var lines = MessageLines()
        for try await piece in body {
            for line in try lines.append(piece.readableBytesView) {
                switch try BalancerMessage.decode(line: line) {
                case .welcome(let version, let asksBeforeUse):
                    wasWelcome = true
                    if !asksBeforeUse { demand.cannotBeReliedOn() }
                    hear(.connected(balancerVersion: version))
                case .poll:
                    demand.raise()
                    hear(.aboutToUse)
                case .leases(let count):
                    hear(.leases(count))
                case .drained:
                    hear(.drained)
                case .notice(let text):
                    hear(.notice(text))
                case .refused(let reason):
                    return LinkEnd(.declined, "refused: \(reason)", wasWelcome: wasWelcome)
                case .load(let isOrder):
                    hear(.wish(.load, isOrder: isOrder))
                case .unload(let isOrder):
                    hear(.wish(.unload, isOrder: isOrder))
                case .log(let question):
                    outbox.ask(question)
                case .endLog(let number):
                    outbox.endLog(number)
                case nil:
                    continue
                }
            }
        }
        return LinkEnd(.lost, "the balancer ended the connection", wasWelcome: wasWelcome)
    }
}
