import AgentProtocol
import AgentReception
import AgentRules
import LlamaServer
import Scheduling
import SeededRandom

// What balancers tell each other of prompts, and what each is to know.

extension BalancerWorld {
    /// By a clock that may be off.
    mutating func newSeed() -> PromptSeed {
        let madeAt = now.nanoseconds / 1_000_000 + Int64(random.below(3)) * 5000
        return PromptSeed(value: random.next(), madeAt: madeAt)
    }

    /// Of a few conversations that grow; each is of use to all others of its own.
    mutating func somePrompt() -> SharedPrompt? {
        random.chance(20)
            ? nil : SharedPrompt(conversation: UInt64(1 + random.below(5)), blocks: 4 + random.below(5))
    }

    // MARK: - Agents

    mutating func tellSeeds(_ server: Int) {
        guard let agent = agents[server] else { return }
        for case let (balancer, number?) in agent.connections.enumerated() {
            let seed = agent.prompts.seed(for: balancer)
            if let message = connections[number].words.message(ofPromptSeed: seed) { send(message, on: number) }
        }
    }

    mutating func passOn(_ news: PromptNews, of server: Int, by balancer: Int) {
        let listeners = agents[server]?.prompts.told(news, by: balancer) ?? []
        send([news], of: server, to: listeners)
    }

    mutating func promptsEnded(of balancer: Int, at server: Int) {
        guard let (news, listeners) = agents[server]?.prompts.ended(balancer) else { return }
        send(news, of: server, to: listeners)
    }

    private mutating func send(_ news: [PromptNews], of server: Int, to listeners: [Int]) {
        for listener in listeners {
            guard let number = agents[server]?.connections[listener] else { continue }
            for news in news { send(.prompt(news), on: number) }
        }
    }

    // MARK: - Balancers

    mutating func hear(_ news: PromptNews, on number: Int) {
        let balancer = connections[number].balancer
        let agent = connections[number].agent
        guard let speaker = connections[number].number, balancers[balancer].registry.speaks(speaker, for: agent) else {
            return
        }
        balancers[balancer].scheduler.heard(news, of: agent)
    }

    mutating func hear(_ seed: PromptSeed, by balancer: Int) {
        guard seed < balancers[balancer].promptSeed else { return }
        trace.note("balancer \(balancer) takes another seed")
        balancers[balancer].promptSeed = seed
        balancers[balancer].scheduler.forgetPrompts()
        for server in servers.indices { servers[server].upheavals += 1 }
        for number in balancers[balancer].speakers.values.sorted() {
            connections[number].unsaid.notePromptSeed()
            flush(number)
        }
    }

    mutating func tellPrompts(_ balancer: Int) {
        for (agent, news) in balancers[balancer].scheduler.takePromptNews() {
            guard let number = balancers[balancer].speakers[agent] else { continue }
            connections[number].unsaid.tell(news)
            flush(number)
        }
    }

    // MARK: - What is to be known

    /// Whether all of a server's balancers hear of what is sent there now.
    func hasHearers(_ server: Int) -> Bool {
        guard !profile.hasOlderAgents, isQuiet(server) else { return false }
        return haveOneSeed
    }

    /// Of requests on their way at the same time it depends on the way of each word which one another balancer takes for the first.
    func isAlone(_ number: Int, at server: Int) -> Bool {
        !requests.contains { $0.key != number && $0.value.server == server && $0.value.isLeased }
    }

    private var haveOneSeed: Bool {
        let hearers = hearers
        return hearers.allSatisfy { balancers[$0].promptSeed == balancers[hearers[0]].promptSeed }
    }

    private var hearers: [Int] { balancers.indices.filter { !isOlder($0) && balancers[$0].isAlive } }

    mutating func note(_ request: SharedRequest, leftAt server: Int) {
        guard let prompt = request.prompt else { return }
        servers[server].lastPrompt =
            request.upheavals == servers[server].upheavals && !isOlder(request.balancer)
                && request.promptSeed == balancers[request.balancer].promptSeed
            ? (prompt, servers[server].upheavals) : nil
    }

    /// All hash prompts alike, and where nothing runs each knows what was left there last.
    mutating func checkPrompts(_ server: Int) throws(Violation) {
        guard let agent = agents[server], !profile.hasOlderAgents else { return }
        guard haveOneSeed else {
            throw Violation(.promptsAreKnown, "the balancers of server \(server) hash prompts with several seeds")
        }
        guard let last = servers[server].lastPrompt, last.upheavals == servers[server].upheavals else { return }
        for balancer in hearers {
            guard let upstream = balancers[balancer].scheduler.snapshot(of: agent.id, at: now)?.id else { continue }
            var demand = RequestDemand()
            demand.trail = last.prompt.trail(balancers[balancer].promptSeed)
            let found = balancers[balancer].scheduler.promptFound(demand, at: upstream)
            let expected = PromptTrail.position(of: last.prompt.blocks - 1)
            guard found != expected else { continue }
            throw Violation(
                .promptsAreKnown,
                "balancer \(balancer) expects \(found) bytes at server \(server) of a prompt of which \(expected) are there"
            )
        }
        // Until the next request nothing changes.
        servers[server].lastPrompt = nil
    }
}

extension SharedRequest {
    fileprivate var isLeased: Bool { if case .leased = state { true } else { false } }
}
