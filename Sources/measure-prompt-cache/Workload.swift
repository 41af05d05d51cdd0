import ArgumentParser
import Foundation
import SeededRandom

/// Conversations that begin at random, whose turns wait for each other.
struct Workload {
    enum Kind: String, CaseIterable, ExpressibleByArgument {
        /// People who think between turns, behind one of four system prompts.
        case chat
        /// Coding agents: long prompts that grow, with hardly a pause, and agents beneath them that begin with the same.
        case agents
        /// Questions about two hundred documents, some of them asked for far more often than others.
        case documents
        /// One long system prompt for everybody.
        case hot
        /// Prompts that have nothing in common.
        case noise
        /// Of all these some.
        case mixed
    }

    struct Turn {
        /// Added to what was said before.
        var text: Prompt.Part
        /// Tokens of the answer.
        var generated: Int
        /// Seconds after the end of the answer before.
        var pause: Double
        /// The conversations that begin with this turn's end, and with what has been said until then.
        var branches: [Int] = []
    }

    struct Conversation {
        var beginning: Prompt
        var turns: [Turn] = []
        /// Seconds since the beginning of time; nil: it is another one's branch.
        var start: Double?
    }

    private(set) var conversations: [Conversation] = []
    /// All turns.
    private(set) var requests = 0
    private var random: SplitMix64
    private var texts: UInt64 = 1000

    /// - Parameters:
    ///   - load: 1: all that the servers could do, if each prompt's beginning were found wherever it is wanted.
    init(_ kind: Kind, seed: UInt64, requests wanted: Int, load: Double, servers: Int, _ machine: Machine) {
        random = SplitMix64(seed: seed)
        while requests < wanted { add(kind) }
        let seconds = work(machine) / Double(servers) / load
        for index in conversations.indices where conversations[index].start != nil {
            conversations[index].start = unit() * seconds
        }
    }

    private mutating func add(_ kind: Kind) {
        switch kind {
        case .chat: addChat()
        case .agents: addAgent(level: 0, beginning: nil)
        case .documents:
            let document = zipf(200)
            add(
                Prompt([part(100, 200), part(200 + document, 800 + Int(document * 7919 % 9000))]),
                question: lognormal(60, 0.5, 10...500),
                answer: lognormal(150, 0.7, 10...800)
            )
        case .hot:
            add(
                Prompt([part(101, 4000)]),
                question: lognormal(120, 0.7, 10...1000),
                answer: lognormal(150, 0.7, 10...800)
            )
        case .noise:
            add(Prompt(), question: lognormal(1200, 0.8, 50...8000), answer: lognormal(150, 0.7, 10...800))
        case .mixed:
            let kinds: [(Int, Kind)] = [(30, .chat), (6, .agents), (32, .documents), (32, .noise)]
            var ticket = random.below(100)
            for (share, kind) in kinds {
                if ticket < share { return add(kind) }
                ticket -= share
            }
        }
    }

    private mutating func addChat() {
        let beginning = Prompt([part(UInt64(random.below(4)), 1000)])
        let count = min(24, 2 + Int(exponential(6)))
        let turns = (0..<count).map { number in
            Turn(
                text: new(lognormal(random.chance(15) ? 600 : 80, 0.8, 8...4000)),
                generated: lognormal(200, 0.7, 8...1200),
                pause: number == 0 ? 0 : exponential(10)
            )
        }
        append(Conversation(beginning: beginning, turns: turns, start: 0))
    }

    /// - Parameter beginning: of an agent beneath another one; it begins with all that was said there if nil.
    private mutating func addAgent(level: Int, beginning: Prompt?) {
        let tools = part(50 + UInt64(random.below(3)), 8000)
        let index = conversations.count
        append(
            Conversation(
                beginning: beginning ?? Prompt([tools, new(lognormal(5000, 0.6, 1000...20_000))]),
                start: level == 0 ? 0 : nil
            )
        )
        let count = level == 0 ? min(45, 10 + Int(exponential(15))) : min(12, 3 + Int(exponential(4)))
        for number in 0..<count {
            var turn = Turn(
                text: new(lognormal(700, 0.9, 50...6000)),
                generated: lognormal(110, 0.7, 10...800),
                pause: number == 0 ? 0 : 0.1 + exponential(0.5)
            )
            if level == 0, number > 2, number < count - 1, random.chance(8) {
                let continues = random.chance(50)
                for _ in 0..<(2 + random.below(3)) {
                    turn.branches.append(conversations.count)
                    addAgent(level: 1, beginning: continues ? Prompt() : Prompt([tools]))
                }
            }
            conversations[index].turns.append(turn)
            requests += 1
        }
    }

    private mutating func add(_ beginning: Prompt, question: Int, answer: Int) {
        let turn = Turn(text: new(question), generated: answer, pause: 0)
        append(Conversation(beginning: beginning, turns: [turn], start: 0))
    }

    private mutating func append(_ conversation: Conversation) {
        conversations.append(conversation)
        requests += conversation.turns.count
    }

    /// Seconds of one server for all of it, if nothing were ever computed twice.
    private func work(_ machine: Machine) -> Double {
        var known: Set<UInt64> = []
        var seconds = 0.0
        for conversation in conversations {
            for part in conversation.beginning.parts where known.insert(part.text).inserted {
                seconds += Double(part.tokens) / machine.prefill
            }
            for turn in conversation.turns {
                seconds += Double(turn.text.tokens) / machine.prefill
                seconds += Double(turn.generated) / (Double(machine.slots) * machine.decoding(machine.slots))
            }
        }
        return seconds
    }

    // MARK: - Chance

    private func part(_ text: UInt64, _ tokens: Int) -> Prompt.Part { Prompt.Part(text: text, tokens: tokens) }

    private mutating func new(_ tokens: Int) -> Prompt.Part {
        texts += 1
        return part(texts, tokens)
    }

    private mutating func unit() -> Double { Double(random.next() >> 11) / Double(1 << 53) }

    private mutating func exponential(_ mean: Double) -> Double { -mean * log(1 - unit()) }

    private mutating func lognormal(_ mean: Double, _ sigma: Double, _ range: ClosedRange<Int>) -> Int {
        let normal = (-2 * log(1 - unit())).squareRoot() * cos(2 * .pi * unit())
        let value = mean * exp(sigma * normal - sigma * sigma / 2)
        return min(max(range.lowerBound, Int(value)), range.upperBound)
    }

    private mutating func zipf(_ count: Int) -> UInt64 {
        var sum = 0.0
        for rank in 1...count { sum += 1 / Double(rank) }
        var ticket = unit() * sum
        for rank in 1...count {
            ticket -= 1 / Double(rank)
            if ticket < 0 { return UInt64(rank - 1) }
        }
        return UInt64(count - 1)
    }
}
