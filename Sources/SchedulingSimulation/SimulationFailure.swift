/// A schedule in which something didn't hold: with its seed it can be run again, the same to the last step.
public struct SimulationFailure: Error, CustomStringConvertible {
    public let seed: UInt64
    public let step: Int
    public let violations: [String]
    /// The last events in words, the latest last.
    public let events: [String]

    public var description: String {
        let what = violations.map { "  - \($0)" }.joined(separator: "\n")
        let before = events.map { "  \($0)" }.joined(separator: "\n")
        return "seed \(seed), step \(step):\n\(what)\nthe last events:\n\(before)"
    }
}

/// What was found wrong, on its way to where seed and step are known.
struct Violation: Error {
    let texts: [String]

    init(_ text: String) {
        texts = [text]
    }

    init(_ texts: [String]) {
        self.texts = texts
    }
}
