import SupervisionRules

/// A server has ended by itself, and isn't started again.
public struct ServerGivenUp: Error, CustomStringConvertible {
    let name: String
    let end: ServerEnd
    let wasEverReady: Bool
    let lastLines: [String]

    public var description: String { "\(name) \(reason)" }

    /// What happened to it, as the rest of a sentence about it.
    public var reason: String {
        let words = "\(end) \(wasEverReady ? "too often in a row" : "before it was ready")"
        return lastLines.isEmpty ? "\(words), and had printed nothing" : "\(words). " + Self.words(of: lastLines)
    }

    static func words(of lines: [String]) -> String {
        "The end of its log: " + lines.joined(separator: " / ")
    }
}
