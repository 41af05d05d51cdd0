import ArgumentParser

/// A flag's value that can't be read, with an example of one that can.
struct FlagValueError: Error, Equatable, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
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
