import SupervisionRules

/// A server has ended before it was ever ready, and isn't started again.
public struct ServerGivenUp: Error, CustomStringConvertible {
    let name: String
    let end: ServerEnd
    let lastLines: [String]

    public var description: String {
        let words = "\(name) \(end) before it was ready"
        return lastLines.isEmpty ? "\(words), and had printed nothing" : "\(words). " + Self.words(of: lastLines)
    }

    static func words(of lines: [String]) -> String {
        "The end of its log: " + lines.joined(separator: " / ")
    }
}
