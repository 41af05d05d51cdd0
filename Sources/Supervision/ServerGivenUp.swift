import SupervisionRules

/// A server has ended by itself, and isn't started again.
public struct ServerGivenUp: Error, CustomStringConvertible {
    let name: String
    let end: ServerEnd
    let wasEverReady: Bool
    let lastLines: [String]

    public var description: String { "\(name) \(reason)" }

    /// What happened to it, as the rest of a sentence about it, which whoever has asked for its model is told, too.
    public var reason: String {
        let words = "\(end)\(circumstance)"
        // Since then its log may have others' prompts in it.
        guard !wasEverReady else { return "\(words); paddler logs shows what it has printed" }
        return switch (end, lastLines.isEmpty) {
        case (_, false): "\(words). " + Self.words(of: lastLines)
        case (.notStarted, true): words
        case (.exited, true), (.signaled, true), (.silent, true): "\(words), and had printed nothing"
        }
    }

    private var circumstance: String {
        switch (wasEverReady, end) {
        case (true, _): " too often in a row"
        case (false, .exited), (false, .signaled): " before it was ready"
        // These say so themselves.
        case (false, .notStarted), (false, .silent): ""
        }
    }

    static func words(of lines: [String]) -> String {
        "The end of its log: " + lines.joined(separator: " / ")
    }
}
