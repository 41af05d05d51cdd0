import ArgumentParser

/// The word with which a command line begins.
enum CommandName {
    static let all = Paddler.configuration.subcommands.map { $0._commandName }

    /// - Returns: what is wrong with the word, in words; nil: nothing, or there is none.
    static func complaint(about arguments: [String]) -> String? {
        guard let word = word(of: arguments), !all.contains(word) else { return nil }
        let complaint = "\"\(word)\" is not a command"
        guard let nearest = NearestName.of(word, among: all) else { return complaint }
        return "\(complaint). Did you mean \"\(nearest)\"?"
    }

    /// The command whose help explains a mistake in its flags; nil: the program's own.
    static func command(of arguments: [String]) -> String? {
        arguments.first.flatMap { all.contains($0) ? $0 : nil }
    }

    private static func word(of arguments: [String]) -> String? {
        let word = arguments.first == "help" ? arguments.dropFirst().first : arguments.first
        return word.flatMap { $0.hasPrefix("-") ? nil : $0 }
    }
}
