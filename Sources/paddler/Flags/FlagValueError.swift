import ArgumentParser

/// A flag's value that can't be read, with an example of one that can.
struct FlagValueError: Error, Equatable, CustomStringConvertible {
    let description: String

    /// - Parameter description: may cite what was given, which is shown in one line whatever it holds.
    init(_ description: String) {
        self.description = Self.inOneLine(description)
    }

    /// Control characters as Swift writes them: a terminal obeys them, and a log ends a line there.
    private static func inOneLine(_ text: String) -> String {
        var line = ""
        for scalar in text.unicodeScalars {
            line += scalar.properties.generalCategory == .control ? scalar.escaped(asASCII: true) : String(scalar)
        }
        return line
    }
}

extension FlagValueError {
    /// Errors of this kind are the user's: they get the usage line and exit code 64.
    static func asUsageError(_ body: () throws(FlagValueError) -> Void) throws {
        do {
            try body()
        } catch {
            throw ValidationError(error.description)
        }
    }
}
