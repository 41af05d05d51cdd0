/// Which models somebody may use, by the names that requests give them: names, and patterns in which `*` stands for any
/// characters, or none, and `?` for any one.
public struct ModelPatterns: Equatable, Sendable {
    /// Few, as a rule: a set of them takes longer to be made than to be searched.
    private let names: [String]
    private let patterns: [[Unicode.Scalar]]

    public init(_ words: some Sequence<String>) {
        var names: [String] = []
        var patterns: [[Unicode.Scalar]] = []
        for word in words {
            if word.utf8.contains(where: { $0 == UInt8(ascii: "*") || $0 == UInt8(ascii: "?") }) {
                patterns.append(Array(word.unicodeScalars))
            } else {
                names.append(word)
            }
        }
        self.names = names
        self.patterns = patterns
    }

    public func allows(_ model: String) -> Bool {
        if names.contains(model) { return true }
        guard !patterns.isEmpty else { return false }
        let model = Array(model.unicodeScalars)
        return patterns.contains { Self.matches($0, model) }
    }

    /// Goes back to the last `*` alone, and so takes no longer than the product of both lengths.
    private static func matches(_ pattern: [Unicode.Scalar], _ text: [Unicode.Scalar]) -> Bool {
        var (inPattern, inText) = (0, 0)
        var star: (inPattern: Int, inText: Int)?
        while inText < text.count {
            if inPattern < pattern.count, pattern[inPattern] == "*" {
                star = (inPattern, inText)
                inPattern += 1
            } else if inPattern < pattern.count, pattern[inPattern] == "?" || pattern[inPattern] == text[inText] {
                inPattern += 1
                inText += 1
            } else if let last = star {
                star = (last.inPattern, last.inText + 1)
                inPattern = last.inPattern + 1
                inText = last.inText + 1
            } else {
                return false
            }
        }
        return pattern[inPattern...].allSatisfy { $0 == "*" }
    }
}
