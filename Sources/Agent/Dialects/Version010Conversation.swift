import AgentRules

/// Paddler 0.10's dialect: a request for each report.
///
/// Its balancer forgets a server of which it hears nothing for 2 to 3 s, and there is no other way to say goodbye. Between
/// two reports it counts its own requests on top of the last one, and a report that repeats an old sample would have it
/// forget them and give their slots away once more. So each report has a sample of its own, one being demanded with each
/// beat; where none comes in time, it says that llama-server is late and has no idle slots.
struct Version010Conversation: BalancerConversation {
    let balancer: BalancerEndpoint
    let transport: any AgentTransport
    let agent: AgentIdentity
    let heartbeatInterval: Duration
    let outbox: LinkOutbox
    let demand: PollDemand
    let clock: AgentClock

    private static let slowestBeat = Duration.seconds(1)
    /// More than passes from one look at the slots to the next, and less than after which its balancer forgets a server.
    private static let longestSilence = Duration.milliseconds(1750)
    private static let answerLimit = Duration.seconds(2)
    private static let longestAnswer = 16 * 1024

    private var others: [AgentDialect] { transport.dialects.filter { $0 != .version010 } }

    func converse(_ hear: (ConversationNews) -> Void) async -> LinkEnd {
        var wasWelcome = false
        do {
            return try await transport.withBalancerClient(usingTLS: balancer.usesTLS) { client in
                let signals = outbox.open()
                defer { outbox.disconnect() }
                return try await withThrowingTaskGroup { group in
                    group.addTask { try await beat() }
                    group.addTask { try await speakInTime() }
                    defer { group.cancelAll() }
                    return try await report(on: signals, by: client, hear, &wasWelcome)
                }
            }
        } catch {
            return LinkEnd(error, wasWelcome: wasWelcome)
        }
    }

    private func beat() async throws {
        while true {
            try await Task.sleep(for: min(heartbeatInterval, Self.slowestBeat))
            demand.raise()
        }
    }

    private func speakInTime() async throws {
        let began = clock.now()
        while true {
            let due = max(outbox.lastSaidAt ?? began, began) + Self.longestSilence
            guard clock.now() >= due else {
                try await clock.sleep(until: due)
                continue
            }
            outbox.repeatLatest()
            try await clock.sleep(until: clock.now() + Self.longestSilence)
        }
    }

    private func report(
        on signals: AsyncStream<Void>,
        by client: any AgentClient,
        _ hear: (ConversationNews) -> Void,
        _ wasWelcome: inout Bool
    ) async throws -> LinkEnd {
        var words = Version010Words(silenceLimit: Self.longestSilence, since: clock.now())
        for await _ in signals {
            switch outbox.saying() {
            case .nothing:
                continue
            case .status(let status, let isLeaving):
                guard let report = words.report(status, isLeaving: isLeaving, from: agent, at: clock.now()) else {
                    continue
                }
                outbox.said(at: clock.now())
                if !wasWelcome { hear(.offered) }
                if let refusal = try await send(report, by: client, wasWelcome) { return refusal }
                if !wasWelcome { hear(.connected(balancerVersion: nil)) }
                wasWelcome = true
                if isLeaving { hear(.toldOfLeaving(at: clock.now())) }
            case .goodbye(let latest):
                // The server stays known for some seconds: let it have no slots in these.
                if wasWelcome, let latest {
                    _ = try await send(Version010Report(latest, isLeaving: true, from: agent), by: client, true)
                }
                return LinkEnd(.lost, "goodbye", wasWelcome: wasWelcome)
            }
        }
        return LinkEnd(.lost, "there is another connection", wasWelcome: wasWelcome)
    }

    /// - Returns: nil if the balancer took it.
    private func send(
        _ report: Version010Report,
        by client: any AgentClient,
        _ wasWelcome: Bool
    ) async throws -> LinkEnd? {
        let request = balancer.post(
            Version010Report.path,
            contentType: "application/json",
            body: try report.json()
        )
        let answer = try await client.exchange(request, within: Self.answerLimit, upTo: Self.longestAnswer)
        guard answer.status == 200 else {
            return LinkEnd.refusal(answer, to: balancer, others: others, wasWelcome: wasWelcome)
        }
        return nil
    }
}
