import AgentProtocol

/// Our own dialect: one request with lines of JSON in both of its bodies.
struct CurrentConversation: BalancerConversation {
    let balancer: BalancerEndpoint
    let transport: any AgentTransport
    let agentID: String
    let hello: Hello
    let heartbeatInterval: Duration
    let outbox: LinkOutbox
    let demand: PollDemand

    /// From connecting to the head of the balancer's answer.
    private static let connectLimit = Duration.seconds(10)

    private var others: [AgentDialect] { transport.dialects.filter { $0 != .current } }

    func converse(_ hear: (ConversationNews) -> Void) async -> LinkEnd {
        var wasWelcome = false
        do {
            return try await transport.withBalancerClient(usingTLS: balancer.usesTLS) { client in
                let uplink = outbox.connect(hello)
                defer { outbox.disconnect() }
                // It may send something as soon as it has the report, before its welcome is here.
                hear(.offered)
                return try await client.connect(
                    to: balancer,
                    as: agentID,
                    saying: uplink,
                    within: Self.connectLimit
                ) { downlink in
                    guard downlink.status == 200 else {
                        return await LinkEnd.refusal(downlink, to: balancer, others: others)
                    }
                    return try await withThrowingTaskGroup { group in
                        group.addTask { try await beat() }
                        defer { group.cancelAll() }
                        return try await listen(to: downlink, hear, &wasWelcome)
                    }
                }
            }
        } catch let failure as TransportFailure where failure == .late && !wasWelcome {
            return .silence(for: Self.connectLimit, others: others)
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
        to downlink: Downlink,
        _ hear: (ConversationNews) -> Void,
        _ wasWelcome: inout Bool
    ) async throws -> LinkEnd {
        var lines = MessageLines()
        for try await piece in downlink.body {
            for line in try lines.append(piece) {
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
                case .promptSeed(let seed):
                    hear(.promptSeed(seed))
                case .prompt(let news):
                    hear(.prompt(news))
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
