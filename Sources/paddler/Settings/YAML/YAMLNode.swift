/// A part of a YAML document that operators write.
struct YAMLNode {
    /// Where it begins, from 1 on.
    let line: Int
    let content: Content

    enum Content {
        /// - Parameter isPlain: whether it stands there without quotes.
        case scalar(String, isPlain: Bool)
        case sequence([YAMLNode])
        case mapping(YAMLMapping)
    }

    /// Where it stands, to be put in front of what is wrong with it.
    var place: String { "line \(line): " }

    /// Of a text; whatever looks like a number or a date is one only to those who ask for one.
    var text: String? {
        if case .scalar(let text, _) = content { text } else { nil }
    }

    var sequence: [YAMLNode]? {
        if case .sequence(let items) = content { items } else { nil }
    }

    var mapping: YAMLMapping? {
        if case .mapping(let mapping) = content { mapping } else { nil }
    }

    /// `key:` alone says nothing, as `key: ~` does (YAML 1.2.2, 10.3.2).
    var isNothing: Bool {
        guard case .scalar(let text, isPlain: true) = content else { return false }
        return ["", "~", "null", "Null", "NULL"].contains(text)
    }

    /// As YAML 1.1 says it, which programs in Go and Python go by.
    var isTrue: Bool {
        guard case .scalar(let text, isPlain: true) = content else { return false }
        return ["true", "yes", "on"].contains(text.lowercased())
    }

    /// Of a mapping; nil: it is none, or hasn't the key.
    subscript(key: String) -> YAMLNode? { mapping?[key] }
}

struct YAMLEntry {
    let key: YAMLNode
    let value: YAMLNode
}

/// Keys and values, in the order in which they stand; no key stands there twice.
struct YAMLMapping {
    var entries: [YAMLEntry] = []

    subscript(key: String) -> YAMLNode? { entries.first { $0.key.text == key }?.value }

    var pairs: [(key: YAMLNode, value: YAMLNode)] { entries.map { ($0.key, $0.value) } }
}
