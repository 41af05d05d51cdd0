/// The slots at some instant between the poll's begin and its end.
public struct SlotSample: Hashable, Sendable, Codable {
    public var total: Int
    /// By whomever they are occupied: 0...total.
    public var processing: Int
    /// When the poll began, on the agent's monotonic clock.
    public var startedAtMilliseconds: Double
    /// When its answer was there, on the agent's monotonic clock.
    public var finishedAtMilliseconds: Double
    /// Whether something has moved in the slots that work since the look before; nil: that isn't known, or wasn't by
    /// agents of earlier versions.
    public var hasMoved: Bool?
    /// Whether the agent rests: nothing runs, and unless it is asked its next look is later than its interval says, so
    /// that the server may fall asleep; nil: it doesn't.
    public var isResting: Bool?
    /// The most leases that the agent's other balancers had while the poll lasted, as far as they have told; nil: there is
    /// nobody who tells. Of a balancer that is gone, none count.
    public var others: Int?

    public init(
        total: Int,
        processing: Int,
        startedAtMilliseconds: Double,
        finishedAtMilliseconds: Double,
        hasMoved: Bool? = nil,
        isResting: Bool? = nil,
        others: Int? = nil
    ) {
        self.total = total
        self.processing = processing
        self.startedAtMilliseconds = startedAtMilliseconds
        self.finishedAtMilliseconds = finishedAtMilliseconds
        self.hasMoved = hasMoved
        self.isResting = isResting
        self.others = others
    }

    func validate(sentAtMilliseconds: Double) throws(ReportError) {
        guard ReportLimits.slots ~= total else { throw .outOfRange("slots.total", "\(total)") }
        guard processing >= 0 else { throw .outOfRange("slots.processing", "\(processing)") }
        guard processing <= total else { throw .moreBusyThanThereAre(processing: processing, total: total) }
        if let others, !(ReportLimits.slots ~= others) { throw .outOfRange("slots.others", "\(others)") }
        try ReportLimits.check(milliseconds: startedAtMilliseconds, "slots.started_at_ms")
        try ReportLimits.check(milliseconds: finishedAtMilliseconds, "slots.finished_at_ms")
        guard startedAtMilliseconds <= finishedAtMilliseconds, finishedAtMilliseconds <= sentAtMilliseconds else {
            throw .timesOutOfOrder
        }
    }

    enum CodingKeys: String, CodingKey {
        case total
        case processing
        case startedAtMilliseconds = "started_at_ms"
        case finishedAtMilliseconds = "finished_at_ms"
        case hasMoved = "moved"
        case isResting = "resting"
        case others
    }
}
