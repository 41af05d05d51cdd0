/// Command lines as Paddler 0.10 and other programs take them.
enum OldArguments {
    /// The same arguments as ArgumentParser takes them: with two dashes before each flag, and a value that begins with a dash
    /// joined to its flag. What isn't the name of a flag stays as it is.
    static func modern(_ arguments: [String]) -> [String] {
        let end = arguments.firstIndex(of: "--") ?? arguments.endIndex
        let flags = arguments[..<end].map(twoDashes)
        return joined(words(flags)) + arguments[end...]
    }

    /// `paddler version`, `paddler h` and `paddler agent help` (both of 0.10).
    private static func words(_ arguments: [String]) -> [String] {
        switch arguments.first {
        case "version" where arguments.count == 1: ["--version"]
        case "h": ["help"] + arguments.dropFirst()
        case let command? where arguments.count == 2 && ["help", "h"].contains(arguments[1]) && command != "help":
            ["help", command]
        default: arguments
        }
    }

    private static func twoDashes(_ argument: String) -> String {
        guard argument.hasPrefix("-"), !argument.hasPrefix("--") else { return argument }
        return isFlag(argument) ? "-" + argument : argument
    }

    /// `--max-buffered-requests -1`, `--name -x`: the flag has a value, though it is a wrong one perhaps.
    private static func joined(_ arguments: [String]) -> [String] {
        var result: [String] = []
        for argument in arguments {
            if argument.last == "=", valueFlags.contains(String(argument.dropLast())) {
                // ArgumentParser takes this for a flag without a value.
                result += [String(argument.dropLast()), ""]
            } else if let flag = result.last, valueFlags.contains(flag), isDashed(argument) {
                result[result.count - 1] = "\(flag)=\(argument)"
            } else {
                result.append(argument)
            }
        }
        return result
    }

    private static func isDashed(_ argument: String) -> Bool {
        argument.hasPrefix("-") && !argument.hasPrefix("--") && argument != "-h" && argument != "-"
    }

    private static func isFlag(_ argument: String) -> Bool {
        let name = argument.drop { $0 == "-" }.prefix { $0 != "=" }
        return names.contains(String(name))
    }

    private static let descriptions =
        (AgentSettings.all + BalancerSettings.all + OperatorSettings.all + ServeSettings.all)
        .flatMap(\.descriptions)

    private static let names = Set(descriptions.map(\.name))

    private static let valueFlags = Set(descriptions.filter { $0.takes != .onOff }.map(\.flag))
}
