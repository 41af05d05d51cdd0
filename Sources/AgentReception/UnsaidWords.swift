package import AgentProtocol
package import LlamaServer
package import Scheduling

/// What is still to be said over one connection, in the order in which it matters.
///
/// Bounded by what it holds: a welcome, the wish for a poll (a flag, so that a slow connection collects one and not a
/// queue of them), that the number of leases is another one (a flag as well: how many they are is looked up when it is
/// said), that prompts are hashed with another seed (likewise), the last wish about its model, that nothing runs any more (a flag,
/// too), one notice, a question of each reader of its server's log, the latest news of prompts, and the end.
package struct UnsaidWords: Sendable {
    package enum Item: Equatable, Sendable {
        case message(BalancerMessage)
        /// To be looked up, and said unless ``hasSaid(leases:)``.
        case leases
        /// To be looked up.
        case promptSeed
        case end
    }

    private struct End {
        var farewell: BalancerMessage?
    }

    package var welcome: BalancerMessage?
    package var wantsPoll = false
    package var isDrained = false
    /// Whether the number of leases may be another one than was said.
    package var leasesChanged = false
    private var leasesSaid: Int?
    private var leasesWereLast = false
    /// What the balancer wants of its model.
    package var wish: (kind: ModelWish, isOrder: Bool)?
    /// For the agent's log; a newer one takes the place of one that is still unsaid.
    package var notice: String?
    /// One of each reader, the oldest first.
    private var logQuestions: [LogQuestion] = []
    /// Questions for whose answers nobody waits any more.
    private var endedLogs: [Int] = []
    /// Whether the agent passes on what it is told of prompts. Others aren't told of any.
    private var tellsPrompts = false
    private var promptSeedChanged = false
    private var prompts = UnsaidPrompts()
    private var end: End?

    /// Whether the balancer has said or will say its last word.
    package var isEnding: Bool { end != nil }

    package init() {}

    /// Nothing is said after this; the first end counts.
    package mutating func end(saying farewell: BalancerMessage?) {
        guard end == nil else { return }
        end = End(farewell: farewell)
    }

    /// Whether this is the number of leases that was said last; from now on it is.
    package mutating func hasSaid(leases: Int) -> Bool {
        defer { leasesSaid = leases }
        return leases == leasesSaid
    }

    /// Takes the place of an unsaid question of the same reader.
    package mutating func ask(_ question: LogQuestion) {
        logQuestions.removeAll { $0.number == question.number }
        logQuestions.append(question)
    }

    /// Nobody waits for the answer any more. If there are too many such words to say, the oldest isn't said: its question gets an
    /// answer, and no more.
    package mutating func endLog(_ number: Int) {
        let count = logQuestions.count
        logQuestions.removeAll { $0.number == number }
        guard logQuestions.count == count else { return }
        endedLogs.append(number)
        if endedLogs.count > LogReaders.most { endedLogs.removeFirst() }
    }

    /// From now on the agent is told of prompts, and of the seed first.
    package mutating func beginTellingPrompts() {
        tellsPrompts = true
        promptSeedChanged = true
    }

    /// What prompts are hashed with is another seed. What is unsaid of them means nothing any more.
    package mutating func notePromptSeed() {
        promptSeedChanged = tellsPrompts
        prompts.removeAll()
    }

    package mutating func tell(_ news: PromptNews) {
        if tellsPrompts { prompts.add(news) }
    }

    /// - Returns: nil when there is nothing to say now.
    package mutating func next() -> Item? {
        if let welcome {
            self.welcome = nil
            return .message(welcome)
        }
        if let end {
            guard let farewell = end.farewell else { return .end }
            self.end = End(farewell: nil)
            return .message(farewell)
        }
        if isDrained {
            isDrained = false
            return .message(.drained)
        }
        if promptSeedChanged {
            promptSeedChanged = false
            return .promptSeed
        }
        // In turns with the rest, since leases may change faster than a slow connection takes words.
        if leasesChanged, !leasesWereLast { return leases() }
        leasesWereLast = false
        if let message = nextOfRest() { return .message(message) }
        return leasesChanged ? leases() : nil
    }

    private mutating func leases() -> Item {
        leasesChanged = false
        leasesWereLast = true
        return .leases
    }

    private mutating func nextOfRest() -> BalancerMessage? {
        if let notice {
            self.notice = nil
            return .notice(text: notice)
        }
        if let wish {
            self.wish = nil
            return wish.kind == .load ? .load(isOrder: wish.isOrder) : .unload(isOrder: wish.isOrder)
        }
        if wantsPoll {
            wantsPoll = false
            return .poll
        }
        if !endedLogs.isEmpty { return .endLog(number: endedLogs.removeFirst()) }
        if !logQuestions.isEmpty { return .log(logQuestions.removeFirst()) }
        return prompts.next().map { .prompt($0) }
    }
}
