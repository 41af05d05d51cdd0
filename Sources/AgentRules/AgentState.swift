import AgentProtocol

/// What the agent knows of its llama-server and of its balancers, and so when it may leave: a value.
///
/// It waits for each balancer that may have sent something which still runs. Of ours, who says so, it is known exactly;
/// of an older one, which has nothing to say, it is read off the slots of the llama-server.
package struct AgentState: Sendable {
    /// Nil until something is known.
    package private(set) var server: ServerStatus?
    package private(set) var links: [Link]
    package private(set) var withdrawal = Withdrawal.none

    package struct Link: Equatable, Sendable {
        package var isConnected = false
        package fileprivate(set) var work = Work.none
    }

    /// What a balancer has running on the llama-server.
    package enum Work: Equatable, Sendable {
        /// Nothing: it was never connected, or isn't there any more, and what it relayed has ended with it.
        case none
        /// It is being told of the server, and may send something before its answer has come.
        case offered
        case possible
        /// It knows since then, on the agent's clock, that no slots are to be had, and won't say when its last is free.
        case running(sinceTold: Duration)
        /// As `possible`, but its connection is over since then, on the agent's clock.
        case severed(since: Duration)
        /// It had something, and has no more.
        case ended
    }

    /// What an older balancer sent just before it was told is in a slot by then.
    package static let settlingTime = Duration.seconds(1)
    /// By then a balancer has seen, too, that its connection to the agent is over, and sends nothing more.
    private static let severanceTime = Duration.seconds(90)

    package init(links: Int) {
        self.links = Array(repeating: Link(), count: links)
    }

    /// Whether nothing more is to be sent.
    package var isDraining: Bool { withdrawal != .none }

    /// Whether it was told to stop, and there is nobody and nothing to wait for any more.
    package var mayLeave: Bool {
        switch withdrawal {
        case .none, .unloading: false
        case .stopping, .goodbye: nothingRuns
        }
    }

    /// Whether the model is to be unloaded, and nothing of any balancer's runs on it any more.
    package var mayUnload: Bool { withdrawal == .unloading && nothingRuns }

    /// How many balancers are waited for.
    package var unfinished: Int {
        links.count { $0.work != .none && $0.work != .ended }
    }

    /// Whether it is leaving, and has no balancer any more that takes its reports, or is about to.
    package var isAlone: Bool {
        withdrawal == .goodbye && !links.contains { $0.isConnected || $0.work == .offered }
    }

    /// The agent was told to stop.
    package mutating func drain() {
        withdrawal.stop()
    }

    package mutating func leave() {
        withdrawal.leave()
    }

    /// The model is to be unloaded.
    package mutating func unload() {
        withdrawal.unload()
    }

    /// The model was unloaded, or is to be kept after all: what is heard from now on says something of what comes now.
    package mutating func stay() {
        guard withdrawal == .unloading else { return }
        withdrawal.stay()
        for index in links.indices {
            switch links[index].work {
            case .none, .offered, .possible, .severed: break
            case .running: links[index].work = .possible
            case .ended: links[index].work = links[index].isConnected ? .possible : .none
            }
        }
    }

    /// Some time after the withdrawal began: a balancer that was being told of the server and still hasn't answered
    /// is none, or knows by now that nothing is to be sent.
    package mutating func offersSettled() {
        for index in links.indices where links[index].work == .offered { links[index].work = .none }
    }

    package mutating func serverChanged(_ status: ServerStatus) {
        server = status
        guard let sample = status.sample, sample.processing == 0 else { return }
        for index in links.indices {
            switch links[index].work {
            case .running(let told) where sample.startedAt >= told + Self.settlingTime: links[index].work = .ended
            case .severed(let end) where sample.startedAt >= end + Self.severanceTime: links[index].work = .none
            case .none, .offered, .possible, .running, .severed, .ended: break
            }
        }
    }

    // MARK: - What happens to a link

    /// The balancer is sent a first report.
    package mutating func offered(_ link: Int) {
        // While draining, its first report says that nothing is to be sent.
        guard !isDraining else { return }
        if links[link].work == .none { links[link].work = .offered }
    }

    /// The balancer takes reports, and may send requests from now on.
    package mutating func connected(_ link: Int) {
        links[link].isConnected = true
        switch links[link].work {
        case .none, .offered, .severed: links[link].work = .possible
        case .possible, .running, .ended: break
        }
    }

    /// The balancer said that nothing which it has sent runs any more.
    package mutating func drained(_ link: Int) {
        guard isDraining else { return }
        links[link].work = .ended
    }

    /// An older balancer was told that there are no slots.
    package mutating func told(_ link: Int, at now: Duration) {
        guard isDraining, links[link].work == .possible else { return }
        links[link].work = .running(sinceTold: now)
    }

    /// The connection is over, and what the balancer has sent may still be running; if it ever took a report.
    ///
    /// - Parameter now: on the agent's clock.
    package mutating func lost(_ link: Int, at now: Duration) {
        links[link].isConnected = false
        switch links[link].work {
        case .offered: links[link].work = .none
        case .possible: links[link].work = .severed(since: now)
        case .none, .running, .severed, .ended: break
        }
    }

    /// Nobody listens there: no balancer, no request of it.
    package mutating func unreachable(_ link: Int) {
        links[link] = Link()
    }

    private var nothingRuns: Bool {
        serverIsGone || links.allSatisfy { $0.work == .none || $0.work == .ended }
    }

    /// A server that is away, or has just come back, runs nothing.
    private var serverIsGone: Bool {
        switch server?.condition {
        case nil, .down, .loading, .restarting, .failing, .unloaded: true
        case .ready, .unresponsive, .stuck, .unauthorized, .slotsDisabled, .unexpected: false
        }
    }
}
