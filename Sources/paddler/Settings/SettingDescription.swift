import ArgumentParser

/// What everybody needs to know of a setting, whatever its value is made of.
struct SettingDescription: Sendable {
    /// The flag without its dashes, which is the key in a file, too.
    let name: String
    /// What stands for the value in the help.
    let valueName: String
    /// One or two sentences for the help.
    let abstract: String
    /// What applies where nothing is given, as somebody would write it, or in words; nil: nothing worth telling.
    let defaultText: String?
    let takes: Takes
    /// Never shown.
    var isSecret = false
    /// All that can be given, where there are few.
    var choices: [String] = []

    /// Whether an empty text says the same as none: Paddler 0.10 has such defaults, and scripts pass them on.
    var isNoneWhenEmpty = false

    /// How many texts belong to it.
    enum Takes: Sendable {
        case one
        /// The last `--flag`, `--flag=true` or `--flag=false` counts.
        case onOff
        /// The flag several times, a list in a file, commas in an environment variable.
        case several
    }

    var flag: String { "--\(name)" }

    var variable: String { "PADDLER_" + name.uppercased().replacing("-", with: "_") }

    var help: ArgumentHelp {
        let all = choices.isEmpty ? nil : "one of: \(choices.joined(separator: ", "))"
        let remarks = [all, defaultText.map { "default: \($0)" }].compactMap { $0 }.joined(separator: "; ")
        return ArgumentHelp(remarks.isEmpty ? "\(abstract)" : "\(abstract) (\(remarks))", valueName: valueName)
    }

    var completion: CompletionKind {
        if !choices.isEmpty { return .list(choices) }
        return valueName == "file" ? .file() : .default
    }
}
