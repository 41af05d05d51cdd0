/// What a llama-server runs on.
struct Machine {
    var slots: Int
    /// Tokens of prompts a second, one prompt at a time.
    var prefill = 2000.0
    /// Tokens that are generated a second for one request alone.
    var decode = 50.0
    /// `--cache-ram`, in tokens.
    var memory: Int
    /// `--slot-prompt-similarity`.
    var similarity = 0.5
    /// Seconds to copy a token's state into that memory, or out of it.
    var copying = 13e-6
    /// `--batch-size`: so many tokens of a prompt are computed in one step, in which all others generate one token.
    var batch = 2048.0

    /// Tokens a second for each of so many requests.
    func decoding(_ requests: Int) -> Double { decode / (1 + 0.15 * Double(requests - 1)) }
}

/// A llama-server's slots and caches, by its own rules (`server_slot`, `server_prompt_cache`), and how long it takes.
struct CachingServer {
    enum Progress {
        case firstToken(Int)
        case ended(Int)
    }

    private enum Work {
        case idle
        /// Tokens of the prompt that are still to be computed.
        case prompt(request: Int, tokens: Double, then: Double)
        /// Tokens that are still to be generated.
        case answer(request: Int, tokens: Double)
    }

    private struct Slot {
        var text = Prompt()
        var work = Work.idle
        var lastUsed = -1.0

        var isIdle: Bool { if case .idle = work { true } else { false } }
    }

    private let machine: Machine
    private var slots: [Slot]
    /// Oldest first.
    private var saved: [Prompt] = []
    private var now = 0.0
    /// Which slots compute prompts, in their order.
    private var computing: [Int] = []
    private(set) var computed = 0
    /// Slots in use, times seconds.
    private(set) var busy = 0.0

    init(_ machine: Machine) {
        self.machine = machine
        slots = Array(repeating: Slot(), count: machine.slots)
    }

    // MARK: - Caches

    /// What it would find of a prompt that began now; where all slots are busy, what lies in its memory.
    func found(_ prompt: Prompt) -> Int {
        guard slots.contains(where: \.isIdle) else {
            return entry(for: prompt, insteadOf: Prompt())?.common ?? 0
        }
        let slot = pick(for: prompt)
        let inSlot = prompt.common(with: slots[slot.index].text)
        guard slot.mayLoad else { return min(inSlot, prompt.tokens - 1) }
        return min(entry(for: prompt, insteadOf: slots[slot.index].text)?.common ?? inSlot, prompt.tokens - 1)
    }

    /// - Returns: whether the slot's text is saved first, and a better one looked for.
    private func pick(for prompt: Prompt) -> (index: Int, mayLoad: Bool) {
        var best: Int?
        var most = machine.similarity
        for (index, slot) in slots.enumerated() where slot.isIdle {
            let share = Double(prompt.common(with: slot.text)) / Double(prompt.tokens)
            if share > most { (best, most) = (index, share) }
        }
        if let best {
            return (best, 2 * prompt.common(with: slots[best].text) < slots[best].text.tokens)
        }
        let idle = slots.indices.filter { slots[$0].isIdle }
        return (idle.min { slots[$0].lastUsed < slots[$1].lastUsed } ?? 0, true)
    }

    /// The saved text that is kept to a larger part, and of which a larger part is used.
    private func entry(for prompt: Prompt, insteadOf text: Prompt) -> (index: Int, common: Int)? {
        var best: (index: Int, common: Int)?
        var most = prompt.common(with: text)
        var kept = text.tokens == 0 ? -1 : Double(most) / Double(text.tokens)
        for (index, entry) in saved.enumerated() {
            let common = prompt.common(with: entry)
            let share = Double(common) / Double(entry.tokens)
            guard share >= 0.25, share > kept, common > most else { continue }
            (best, most, kept) = ((index, common), common, share)
        }
        return best
    }

    /// - Returns: the seconds that it takes.
    private mutating func save(_ text: Prompt) -> Double {
        guard machine.memory > 0, text.tokens > 0, !saved.contains(where: { $0.common(with: text) == text.tokens })
        else {
            return 0
        }
        saved.removeAll { $0.common(with: text) == $0.tokens }
        saved.append(text)
        return Double(text.tokens) * machine.copying
    }

    private mutating func forgetOldest() {
        var tokens = saved.reduce(0) { $0 + $1.tokens }
        while saved.count > 1, tokens > machine.memory { tokens -= saved.removeFirst().tokens }
    }

    /// - Parameter time: no earlier than any before.
    /// - Returns: how many tokens of the prompt it found.
    mutating func begin(_ request: Int, _ prompt: Prompt, generating tokens: Int, at time: Double) -> Int {
        advance(to: time)
        let (index, mayLoad) = pick(for: prompt)
        precondition(slots[index].isIdle, "no slot is idle")
        var copying = 0.0
        if mayLoad, machine.memory > 0 {
            copying += save(slots[index].text)
            if let (entry, _) = entry(for: prompt, insteadOf: slots[index].text) {
                slots[index].text = saved.remove(at: entry)
                copying += Double(slots[index].text.tokens) * machine.copying
            }
        }
        let found = min(prompt.common(with: slots[index].text), prompt.tokens - 1)
        slots[index].text = prompt
        computed += prompt.tokens - found
        // With each start all idle slots are saved and emptied (`--kv-unified`, the default).
        if machine.memory > 0 {
            for other in slots.indices where other != index && slots[other].isIdle {
                copying += save(slots[other].text)
                slots[other].text = Prompt()
            }
            forgetOldest()
        }
        let work = Double(prompt.tokens - found) + copying * machine.prefill
        slots[index].work = .prompt(request: request, tokens: work, then: Double(tokens))
        computing.append(index)
        return found
    }

    // MARK: - Time

    /// The speeds until the next change: of the prompt that is computed, and of each answer.
    private var speeds: (prompt: Double, answer: Double) {
        let answers = slots.count { if case .answer = $0.work { true } else { false } }
        let decode = answers == 0 ? 0 : machine.decoding(answers)
        guard let first = computing.first, case .prompt(_, let tokens, _) = slots[first].work else {
            return (0, decode)
        }
        guard answers > 0 else { return (machine.prefill, 0) }
        let chunk = min(machine.batch, tokens)
        let step = chunk / machine.prefill + 1 / decode
        return (chunk / step, 1 / step)
    }

    mutating func advance(to time: Double) {
        let seconds = time - now
        now = time
        guard seconds > 0 else { return }
        let speeds = speeds
        for index in slots.indices {
            switch slots[index].work {
            case .idle: continue
            case .prompt(let request, let tokens, let then):
                guard index == computing.first else { break }
                slots[index].work = .prompt(request: request, tokens: tokens - speeds.prompt * seconds, then: then)
            case .answer(let request, let tokens):
                slots[index].work = .answer(request: request, tokens: tokens - speeds.answer * seconds)
            }
            busy += seconds
        }
    }

    /// When something ends, or its speeds change; nil: it is idle.
    var nextChange: Double? {
        let speeds = speeds
        var least = Double.infinity
        for (index, slot) in slots.enumerated() {
            switch slot.work {
            case .idle: break
            case .prompt(_, let tokens, _):
                guard index == computing.first else { break }
                // The last chunk is a smaller one.
                least = min(least, (tokens > machine.batch ? tokens - machine.batch : tokens) / speeds.prompt)
            case .answer(_, let tokens): least = min(least, tokens / speeds.answer)
            }
        }
        return least == .infinity ? nil : now + max(0, least) + 1e-9
    }

    /// What has come to its end.
    ///
    /// - Parameter answers: what has been said, by request: the slot's text from now on.
    mutating func progress(at time: Double, answers: (Int) -> Prompt.Part) -> [Progress] {
        advance(to: time)
        var progress: [Progress] = []
        for index in slots.indices {
            switch slots[index].work {
            case .prompt(let request, let tokens, let then) where tokens <= 1e-3:
                slots[index].work = .answer(request: request, tokens: then)
                computing.removeAll { $0 == index }
                progress.append(.firstToken(request))
            case .answer(let request, let tokens) where tokens <= 1e-3:
                slots[index].work = .idle
                slots[index].lastUsed = time
                slots[index].text.append(answers(request))
                progress.append(.ended(request))
            default: break
            }
        }
        return progress
    }
}
