/// How many slots llama-server had and how many of them were processing, whoever's requests those were.
public struct SlotSample: Equatable, Sendable {
    public var total: Int
    public var processing: Int
    /// The true instant lies in here, on the shell's clock.
    public var taken: ClosedRange<Instant>
    /// Whether something is known to have moved in the slots that work since the sample before.
    public var hasMoved: Bool
    /// Whether the agent looks at this idle server less often from now on, until it is asked to.
    public var isResting: Bool
    /// The most leases that other balancers, who tell of theirs, had meanwhile.
    public var others: Int

    public init(
        total: Int,
        processing: Int,
        taken: ClosedRange<Instant>,
        hasMoved: Bool = false,
        isResting: Bool = false,
        others: Int = 0
    ) {
        self.total = total
        self.processing = processing
        self.taken = taken
        self.hasMoved = hasMoved
        self.isResting = isResting
        self.others = others
    }
}
