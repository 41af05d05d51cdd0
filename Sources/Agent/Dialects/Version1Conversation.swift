/// Paddler 1.x's dialect: one request whose body goes on for as long as the agent lives, and whose answer comes when it
/// has ended.
struct Version1Conversation: BalancerConversation {
    let balancer: BalancerEndpoint
    let transport: any AgentTransport
    let agent: AgentIdentity
    let heartbeatInterval: Duration
    let outbox: LinkOutbox
    let demand: PollDemand
    let clock: AgentClock

    private static let longestAnswer = 16 * 1024
    /// How often a balancer is suspected.
    private static let doubtInterval = Duration.seconds(60)

    private var others: [AgentDialect] { transport.dialects.filter { $0 != .version1 } }

    func converse(_ hear: (ConversationNews) -> Void) async -> LinkEnd {
        let (news, feed) = AsyncStream.makeStream(of: ConversationNews.self, bufferingPolicy: .bufferingOldest(16))
        return await withTaskGroup(of: LinkEnd?.self) { group in
            group.addTask {
                defer { feed.finish() }
                return await converse(feed)
            }
            group.addTask {
                await beat()
                return nil
            }
            group.addTask {
                await doubt(feed)
                return nil
            }
            for await item in news { hear(item) }
            let end = await group.next()
            group.cancelAll()
            return end.flatMap(\.self) ?? LinkEnd(.lost, "cancelled", wasWelcome: false)
        }
    }

    private func converse(_ feed: AsyncStream<ConversationNews>.Continuation) async -> LinkEnd {
        let wasConnected = Latch()
        do {
            return try await transport.withBalancerClient(usingTLS: balancer.usesTLS) { client in
                guard let client = client as? any UploadingClient else {
                    return LinkEnd(.declined, "this agent doesn't speak the dialect of 1.x", wasWelcome: false)
                }
                let external = try await client.resolved(agent.external)
                let uplink = Version1Uplink(
                    name: agent.name,
                    address: external,
                    signals: outbox.open(),
                    outbox: outbox,
                    clock: clock,
                    wasConnected: wasConnected,
                    news: feed
                )
                defer { outbox.disconnect() }
                let request = balancer.post(Version1Report.path(agentID: agent.id), contentType: nil)
                let answer = try await client.upload(request, saying: uplink)
                guard (200..<300).contains(answer.status) else {
                    return await LinkEnd.refusal(
                        answer,
                        to: balancer,
                        others: others,
                        wasWelcome: wasConnected.isOpen
                    )
                }
                // Some answer at once and end when the request does.
                _ = try await answer.collect(upTo: Self.longestAnswer)
                return LinkEnd(.lost, "the balancer ended the connection", wasWelcome: wasConnected.isOpen)
            }
        } catch {
            return LinkEnd(error, wasWelcome: wasConnected.isOpen)
        }
    }

    /// A balancer of 0.10 lets a request go on for as long as it lasts and refuses it after its end, so that nothing would
    /// ever be wrong. Only its health has a count of targets and nothing that ours has beside it.
    private func doubt(_ feed: AsyncStream<ConversationNews>.Continuation) async {
        var pause = Duration.seconds(1)
        while (try? await Task.sleep(for: pause)) != nil {
            pause = Self.doubtInterval
            guard await isOfVersion010() else { continue }
            feed.yield(.otherDialect(hint: "this is a balancer of Paddler 0.10: pass --dialect 0.10"))
        }
    }

    private func isOfVersion010() async -> Bool {
        let answer = try? await transport.withBalancerClient(usingTLS: balancer.usesTLS) { client in
            await balancer.isOfVersion010(asking: client)
        }
        return answer == true
    }

    /// Repeats what is no sample, and looks for the end of what runs when the agent is about to stop.
    private func beat() async {
        while (try? await Task.sleep(for: heartbeatInterval)) != nil {
            outbox.repeatLatest()
            if outbox.isDraining { demand.raise() }
        }
    }
}
