import Foundation
import LoopbackPorts

/// A real collectd as StatsD server, in a process of its own, which writes what it has gathered to its output.
struct Collectd: Sendable {
    let process: ChildProcess
    /// UDP.
    let port: Int

    /// Set by `make test`; without it, tests that need it are skipped.
    static var isAvailable: Bool { root != nil }

    private static var root: String? { ProcessInfo.processInfo.environment["COLLECTD"] }

    static func start(in folder: URL) async throws -> Collectd {
        guard let root else { throw HarnessFailure(description: "COLLECTD isn't set: use make test") }
        let port = try LoopbackSocket.freeDatagramPort()
        let configuration = folder.appendingPathComponent("collectd.conf")
        let text = """
            Hostname "test"
            FQDNLookup false
            Interval 0.1
            BaseDir "\(folder.path)"
            PIDFile "\(folder.path)/pid"
            PluginDir "\(root)/usr/lib/collectd"
            TypesDB "\(root)/usr/share/collectd/types.db"
            LoadPlugin logfile
            <Plugin logfile>
              File STDERR
            </Plugin>
            LoadPlugin statsd
            <Plugin statsd>
              Host "127.0.0.1"
              Port "\(port)"
            </Plugin>
            LoadPlugin csv
            <Plugin csv>
              DataDir "stdout"
            </Plugin>

            """
        try text.write(to: configuration, atomically: true, encoding: .utf8)
        let process = try ChildProcess("\(root)/usr/sbin/collectd", ["-f", "-C", configuration.path])
        try await process.waitForLine(containing: "statsd plugin: Listening on")
        return Collectd(process: process, port: port)
    }

    /// The last value of each metric. A metric's name begins with its kind: `gauge-paddler.slots_idle`.
    var values: [String: Double] {
        var values: [String: Double] = [:]
        for line in process.lines where line.hasPrefix("PUTVAL test/statsd/") {
            let words = line.split(separator: " ")
            guard words.count == 4, let value = words[3].split(separator: ":").last.flatMap({ Double($0) }) else {
                continue
            }
            values[String(words[1].dropFirst("test/statsd/".count))] = value
        }
        return values
    }

    /// What it could not make sense of.
    var complaints: [String] { process.lines.filter { $0.contains("Unable to parse") } }
}

/// A collectd for as long as the body runs. When the body throws, the end of its output is printed.
func withCollectd<Result>(
    isolation: isolated (any Actor)? = #isolation,
    _ body: (Collectd) async throws -> Result
) async throws -> Result {
    try await withTemporaryFolder { folder in
        let collectd = try await Collectd.start(in: folder)
        do {
            let result = try await body(collectd)
            try await collectd.process.kill()
            return result
        } catch {
            try await collectd.process.kill()
            for line in collectd.process.lines.suffix(50) { print("collectd:", line) }
            throw error
        }
    }
}
