/// Command lines as Paddler 0.10 took them: its flags could have one dash as well as two.
enum OldArguments {
    /// The same arguments with two dashes before each flag. What isn't the name of a flag stays as it is.
    static func modern(_ arguments: [String]) -> [String] {
        let end = arguments.firstIndex(of: "--") ?? arguments.endIndex
        return arguments[..<end].map { argument in
            guard argument.hasPrefix("-"), !argument.hasPrefix("--") else { return argument }
            let name = argument.dropFirst().prefix { $0 != "=" }
            return names.contains(String(name)) ? "-" + argument : argument
        } + arguments[end...]
    }

    private static let names = Set(
        (AgentSettings.all + BalancerSettings.all).flatMap(\.descriptions).map(\.name)
    )
}
