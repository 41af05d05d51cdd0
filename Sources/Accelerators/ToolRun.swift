import Subprocess

#if canImport(System)
    import System
#else
    import SystemPackage
#endif

/// A program that is asked for something and ends.
struct ToolRun: Sendable {
    /// Its path.
    let program: String
    let arguments: [String]
    let environment: [String: String]

    /// What it may print.
    private static let mostBytes = 1 << 20

    /// - Parameter limit: then it is killed, with all that it has started.
    /// - Returns: nil if it didn't end well and in time.
    func output(within limit: Duration) async -> String? {
        await withTaskGroup(of: String?.self) { tasks in
            tasks.addTask { await output() }
            tasks.addTask {
                // Cancelled: it has ended.
                try? await Task.sleep(for: limit)
                return nil
            }
            defer { tasks.cancelAll() }
            return await tasks.next() ?? nil
        }
    }

    private func output() async -> String? {
        var options = PlatformOptions()
        options.processGroupID = 0
        options.teardownSequence = [
            .send(signal: .kill, toProcessGroup: true, allowedDurationToNextStep: .milliseconds(100))
        ]
        let variables = environment.map { (Environment.Key(stringLiteral: $0.key), $0.value) }
        let result = try? await Subprocess.run(
            .path(FilePath(program)),
            arguments: Arguments(arguments),
            environment: .custom(Dictionary(uniqueKeysWithValues: variables)),
            platformOptions: options,
            output: .string(limit: Self.mostBytes)
        )
        guard let result, result.terminationStatus.isSuccess else { return nil }
        return result.standardOutput
    }
}
