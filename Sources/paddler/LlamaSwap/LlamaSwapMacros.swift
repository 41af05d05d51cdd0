/// llama-swap's `${name}` in texts: its macros, its environment's variables, and what it fills in itself.
struct LlamaSwapMacros {
    /// By name; they may have others in them.
    private let values: [String: String]
    private let environment: [String: String]

    /// More are a circle.
    private static let mostRounds = 20
    /// What would need more memory than any command line.
    private static let longestText = 1 << 17

    init(_ values: [String: String], environment: [String: String]) {
        self.values = values
        self.environment = environment
    }

    /// - Parameter model: whose own ones count more.
    func adding(_ own: [String: String], model: String) -> LlamaSwapMacros {
        var all = values.merging(own) { $1 }
        all["MODEL_ID"] = model
        // As we write it, it is filled in when the model's port is known.
        all["PORT"] = nil
        return LlamaSwapMacros(all, environment: environment)
    }

    /// - Throws: a name that nobody has given.
    func expand(_ text: String) throws(FlagValueError) -> String {
        var text = text
        for _ in 0..<Self.mostRounds {
            let next = try once(text)
            if next == text { return text.replacing("${PORT}", with: "${port}") }
            guard next.utf8.count <= Self.longestText else { break }
            text = next
        }
        throw FlagValueError("its macros refer to each other in a circle")
    }

    private func once(_ text: String) throws(FlagValueError) -> String {
        var expanded = ""
        var rest = text[...]
        while let match = rest.firstMatch(of: /\$\{([a-zA-Z0-9_.-]+)\}/) {
            expanded += rest[..<match.range.lowerBound]
            expanded += try value(of: String(match.1))
            rest = rest[match.range.upperBound...]
        }
        return expanded + rest
    }

    private func value(of name: String) throws(FlagValueError) -> String {
        if name == "PORT" { return "${PORT}" }
        if name.hasPrefix("env.") {
            guard let value = environment[String(name.dropFirst(4))] else {
                throw FlagValueError("${\(name)}: there is no such variable in the environment")
            }
            return value
        }
        guard let value = values[name] else { throw FlagValueError("${\(name)}: there is no such macro") }
        return value
    }
}
