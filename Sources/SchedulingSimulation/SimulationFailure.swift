/// A schedule in which something didn't hold: it can be run again, the same to the last step.
public struct SimulationFailure: Error, CustomStringConvertible {
    public let schedule: Schedule
    /// The step after which it didn't hold, or the last one if that was only seen when everything had to end.
    public let step: Int
    public let invariant: Invariant
    public let violations: [String]
    /// The last events in words, the latest last.
    public let events: [String]

    public var description: String {
        let what = violations.map { "  - \($0)" }.joined(separator: "\n")
        let before = eventsShown.map { "  \($0)" }.joined(separator: "\n")
        let place = "\(schedule.scene.rawValue), seed \(schedule.seed), step \(step)"
        return "\(place), broken: \(invariant.rawValue)\n\(what)\nthe last events:\n\(before)"
    }

    /// Of many the beginning, where it goes wrong, and the end, where it is seen.
    private var eventsShown: [String] {
        guard events.count > 80 else { return events }
        return events.prefix(50) + ["(\(events.count - 70) more)"] + events.suffix(20)
    }
}

/// What was found wrong, on its way to where seed and step are known.
struct Violation: Error {
    let invariant: Invariant
    let texts: [String]

    init(_ invariant: Invariant, _ text: String) {
        self.init(invariant, [text])
    }

    init(_ invariant: Invariant, _ texts: [String]) {
        self.invariant = invariant
        self.texts = texts
    }
}
