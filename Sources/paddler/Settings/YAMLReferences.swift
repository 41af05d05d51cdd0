import Yams

/// References in YAML (`*name`). A few lines that refer to each other can stand for more than any memory holds, and Yams
/// follows them all.
enum YAMLReferences {
    /// To be called before a text from outside is composed.
    ///
    /// Only a parser knows whether a star begins a reference, or stands in a comment or within quotes. So one reads the text with
    /// another character in place of each star, which refers to nothing.
    ///
    /// - Throws: what is wrong with the text: a reference, or that it isn't YAML.
    static func refuse(in text: String) throws(FlagValueError) {
        guard text.utf8.contains(UInt8(ascii: "*")) else { return }
        guard let mark = privateCharacters.first(where: { !text.unicodeScalars.contains($0) }) else {
            throw FlagValueError("there are too many unusual characters")
        }
        var marked = String.UnicodeScalarView()
        for scalar in text.unicodeScalars { marked.append(scalar == "*" ? mark : scalar) }
        let root: Node?
        do {
            root = try Yams.compose(yaml: String(marked))
        } catch let error as YamlError {
            throw FlagValueError(error.inWords.replacing(String(mark), with: "*"))
        } catch {
            throw FlagValueError("this is not YAML")
        }
        // No deeper than libyaml lets documents be.
        if let root { try refuse(in: root, mark) }
    }

    /// Of Unicode's area for private use: libyaml takes them like letters.
    private static let privateCharacters = (0xE000...0xE0FF as ClosedRange<UInt32>).compactMap { Unicode.Scalar($0) }

    private static func refuse(in node: Node, _ mark: Unicode.Scalar) throws(FlagValueError) {
        switch node {
        case .scalar(let scalar):
            guard scalar.style == .plain, scalar.string.unicodeScalars.first == mark else { return }
            let name = String(String.UnicodeScalarView(scalar.string.unicodeScalars.dropFirst().prefix(40)))
            let line = scalar.mark.map { "line \($0.line): " } ?? ""
            throw FlagValueError(
                "\(line)*\(name): references aren't taken; a text that begins with a star goes into quotes"
            )
        case .sequence(let sequence):
            for item in sequence { try refuse(in: item, mark) }
        case .mapping(let mapping):
            for (key, value) in mapping {
                try refuse(in: key, mark)
                try refuse(in: value, mark)
            }
        case .alias: return
        }
    }
}
