import LlamaServer

/// How long a server takes to compute a prompt, as far as the latest answers tell.
struct PromptPace: Sendable {
    /// A new one weighs a sixteenth.
    private static let weight = 1.0 / 16
    /// Fewer computed tokens tell little of their pace.
    private static let fewestTokens = 512
    /// Two prompts computed at one time have each other's time in theirs, so that the pace is half of what it is alone.
    private var nanosecondsPerByte: Double?
    private var speed = Speed.unknown(heard: 0, fastest: .infinity)
    /// How long a token of a prompt takes a server that does nothing else, as far as answers can tell. nil: nobody can tell
    /// yet.
    var nanosecondsPerToken: Double? { if case .known(let pace) = speed { pace } else { nil } }
    /// What its model makes of texts, as far as the latest answers tell; nil: nobody can tell yet.
    private(set) var tokensPerByte: Double?

    /// What a template adds counts for little in a text from here on, in bytes.
    private static let shortestText = 1024

    /// A faster one weighs a quarter, a slower one a sixty-fourth.
    private static let weights = (faster: 1.0 / 4, slower: 1.0 / 64)

    /// In nanoseconds for each token.
    private enum Speed {
        /// Of as many answers as were heard, each beside others, the fastest.
        case unknown(heard: Int, fastest: Double)
        case known(Double)
    }

    /// Of so many answers of a server that was busy from the start, one had little of the others' time in it. What is believed
    /// sooner makes of a server that is given more a slow one.
    private static let busyAnswers = 8

    /// - Parameter running: how many requests the server had at one time while it had this one, itself included: as many
    ///   times as long its prompt may have taken as alone, or not at all. A slower answer tells of a slower server only
    ///   beyond that, or a server would seem slow that is given more.
    /// - Returns: how long a token takes now; nil: the answer says nothing of that, or not enough yet.
    mutating func noteSpeed(_ use: ReportedUsage, running: Int) -> Double? {
        guard let milliseconds = use.promptMilliseconds, use.promptComputed >= Self.fewestTokens else { return nil }
        let sample = Double(max(1, milliseconds)) * 1_000_000 / Double(use.promptComputed)
        switch speed {
        case .unknown(let heard, let fastest):
            let isTelling = running <= 1 || heard + 1 >= Self.busyAnswers
            let pace = min(sample, fastest)
            speed = isTelling ? .known(pace) : .unknown(heard: heard + 1, fastest: pace)
        case .known(let before):
            let slower = max(0, sample / Double(max(1, running)) - before)
            let change =
                sample < before ? (sample - before) * Self.weights.faster : slower * Self.weights.slower
            speed = .known(before + change)
        }
        return nanosecondsPerToken
    }

    /// The server was started again, perhaps as another one.
    mutating func forgetSpeed() {
        speed = .unknown(heard: 0, fastest: .infinity)
    }

    mutating func note(_ use: ReportedUsage, _ size: PromptSize) {
        let tokens = use.promptComputed + use.promptCached
        guard size.text >= Self.shortestText, !size.hasMedia, tokens > 0 else { return }
        let sample = Double(tokens) / Double(size.text)
        tokensPerByte = tokensPerByte.map { $0 + (sample - $0) * Self.weight } ?? sample
    }

    /// - Parameter bytes: of the prompt.
    mutating func note(_ use: ReportedUsage, bytes: Int) {
        guard let milliseconds = use.promptMilliseconds, use.promptComputed >= Self.fewestTokens, bytes > 0 else {
            return
        }
        let perToken = Double(milliseconds) * 1_000_000 / Double(use.promptComputed)
        let tokensPerByte = Double(use.promptComputed + use.promptCached) / Double(bytes)
        let sample = perToken * tokensPerByte
        nanosecondsPerByte = nanosecondsPerByte.map { $0 + (sample - $0) * Self.weight } ?? sample
    }

    /// nil: nobody can tell yet.
    func time(of bytes: Int) -> Nanoseconds? {
        nanosecondsPerByte.map { Nanoseconds(count: Int64(min(($0 * Double(bytes)).rounded(), 0x1p62))) }
    }
}
