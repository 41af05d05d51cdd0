/// A command line cut into words as a shell does it: by white space outside of quotes, with backslashes. Nothing else of a shell is
/// known: no variables, no pipes.
enum ShellWords {
    /// - Throws: when a quote isn't closed.
    static func split(_ line: String) throws(FlagValueError) -> [String] {
        var words: [String] = []
        var word: String?
        var quote: Character?
        var rest = line[...]
        while let character = rest.popFirst() {
            switch (quote, character) {
            case ("'", "'"), ("\"", "\""):
                quote = nil
            case (nil, "'"), (nil, "\""):
                quote = character
                word = word ?? ""
            case (nil, "\\"), ("\"", "\\"):
                // At the end of a line it joins two.
                if let escaped = rest.popFirst(), escaped != "\n" { word = (word ?? "") + String(escaped) }
            case (nil, _) where character.isWhitespace:
                if let ended = word { words.append(ended) }
                word = nil
            default:
                word = (word ?? "") + String(character)
            }
        }
        guard quote == nil else { throw FlagValueError("a quote isn't closed") }
        if let word { words.append(word) }
        return words
    }
}
