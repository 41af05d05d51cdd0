import Foundation

/// Prometheus' own checks.
enum Promtool {
    /// Runs it with these arguments.
    ///
    /// - Parameter input: the path of a file that becomes its standard input.
    /// - Returns: its exit and all that it wrote.
    static func run(
        _ arguments: [String],
        input: String? = nil
    ) async throws -> (
        exit: ChildProcess.Exit, lines: [String]
    ) {
        guard let prometheus = PrometheusProcess.executable else {
            throw HarnessFailure(description: "PROMETHEUS isn't set: use make test")
        }
        let promtool = URL(fileURLWithPath: prometheus).deletingLastPathComponent().appendingPathComponent("promtool")
        let command = ["-c", #"input=$1; shift; exec "$@" <"$input""#, "sh", input ?? "/dev/null", promtool.path]
        let process = try ChildProcess("/bin/sh", command + arguments)
        let exit = try await process.waitUntilExit(within: .seconds(60))
        return (exit, process.lines)
    }
}

/// Files of this repository.
enum Repository {
    static func path(_ relative: String) -> String {
        URL(fileURLWithPath: #filePath).appendingPathComponent("../../../../\(relative)").standardizedFileURL.path
    }
}
