import LlamaServer

/// Looks at the slots of a llama-server between which nothing has moved, although at least one works or nobody answers.
///
/// All slots that work have to stand still. llama-server computes them in one loop, batch by batch: where that hangs, none
/// of them moves. One that stands still beside others that move only waits, most often for the prompt of another, which
/// may fill the batches for minutes; there it costs the fleet one slot, as any long request does.
struct Standstill: Sendable {
    /// When the first of the looks ended, on the agent's clock; of those that were never answered, when it began.
    let since: Duration
    /// What the slots that work had done at the looks that were answered; nil when none was.
    let work: [SlotsProgress.Work]?
    private(set) var looks = 1
    /// For how long it has been watched.
    private(set) var length: Duration
    private var lastLook: Duration

    /// A look that was answered.
    ///
    /// - Returns: nil where nothing can stand still, or where that can't be known.
    init?(seeing progress: SlotsProgress, at now: Duration) {
        guard case .known(let work) = progress else { return nil }
        self.init(since: now, work: work, length: .zero, lastLook: now)
    }

    /// A look that wasn't answered.
    init(unansweredSince askedAt: Duration, at now: Duration, countingAtMost longest: Duration) {
        self.init(since: askedAt, work: nil, length: min(now - askedAt, longest), lastLook: now)
    }

    private init(since: Duration, work: [SlotsProgress.Work]?, length: Duration, lastLook: Duration) {
        self.since = since
        self.work = work
        self.length = length
        self.lastLook = lastLook
    }

    /// Whether the answer to another look shows the same. After looks that were never answered, an answer is progress.
    func isSeen(in progress: SlotsProgress) -> Bool {
        guard let work else { return false }
        return progress == .known(work)
    }

    /// Another look has shown the same, or wasn't answered.
    ///
    /// - Parameters:
    ///   - end: until when it certainly stood still: when the look began, if it was answered; when it was given up, if not.
    ///   - longest: what counts at most from one look to the next. While the agent or its machine slept, or the health was
    ///     bad, nobody has watched.
    mutating func goesOn(until end: Duration, at now: Duration, countingAtMost longest: Duration) {
        length += min(max(.zero, end - lastLook), longest)
        lastLook = now
        looks += 1
    }

    /// - Parameter limit: nil: never.
    func isLong(_ limit: Duration?) -> Bool {
        guard let limit else { return false }
        return length >= limit && looks >= Self.fewestLooks
    }

    private static let fewestLooks = 3
}
