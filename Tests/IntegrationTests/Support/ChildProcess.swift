import Foundation
import Synchronization

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// A program that a test started, with what it wrote, line by line. Killed when nobody holds this any more.
final class ChildProcess: Sendable {
    enum Exit: Equatable, Sendable {
        case code(Int32)
        case signal(Int32)
    }

    /// One at a time, so that no child inherits another's pipes.
    private static let spawning = Mutex(())

    let name: String
    let pid: pid_t
    private let watch: ChildWatch
    /// The child's stdin ends with this process, however that ends.
    private let input: Int32

    init(_ executable: String, _ arguments: [String] = [], environment: [String: String] = [:]) throws {
        name = (executable as NSString).lastPathComponent
        let merged = ProcessInfo.processInfo.environment.merging(environment) { _, own in own }
        let (pid, stdin, stdout, stderr) = try Self.spawning.withLock { _ in
            let stdin = try ChildPipe()
            let stdout = try ChildPipe()
            let stderr = try ChildPipe()
            let pid = try ChildSpawn.spawn(
                [executable] + arguments,
                environment: merged,
                input: stdin.reading,
                output: stdout.writing,
                error: stderr.writing
            )
            return (pid, stdin, stdout, stderr)
        }
        for end in [stdin.reading, stdout.writing, stderr.writing] { close(end) }
        self.pid = pid
        input = stdin.writing
        watch = ChildWatch(pid: pid, outputs: [stdout.reading, stderr.reading])
    }

    deinit {
        watch.signal(SIGKILL)
        close(input)
    }

    /// Both outputs' lines, in the order in which they came; the last ``ChildWatch/mostLines``.
    var lines: [String] { watch.lines }

    /// Nil while it runs.
    var exit: Exit? { watch.exit }

    /// Does nothing once the process has ended.
    func signal(_ signal: Int32) {
        watch.signal(signal)
    }

    /// The first line with the text.
    @discardableResult
    func waitForLine(containing text: String, within limit: Duration = .seconds(20)) async throws -> String {
        let line = try await eventually(
            "a line of \(name) with \(text)",
            within: limit,
            { (line: self.lines.first { $0.contains(text) }, exit: self.exit, last: self.lines.suffix(20)) },
            satisfies: { $0.line != nil || $0.exit != nil }
        ).line
        if let line { return line }
        throw HarnessFailure(
            description: "\(name) ended (\(String(describing: exit))) without \(text): \(lines.suffix(20))"
        )
    }

    @discardableResult
    func waitUntilExit(within limit: Duration = .seconds(20)) async throws -> Exit {
        try await eventually("exit of \(name)", within: limit, { self.exit }, satisfies: { $0 != nil }) ?? .code(-1)
    }

    /// The end of a test: nothing is left of it.
    func kill() async throws {
        signal(SIGKILL)
        try await waitUntilExit()
    }
}
