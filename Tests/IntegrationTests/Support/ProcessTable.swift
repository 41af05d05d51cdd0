import Foundation

/// The processes of this machine, as Linux shows them.
enum ProcessTable {
    struct Entry: Equatable, Sendable {
        let pid: pid_t
        let parent: pid_t
        /// `Z`: it has ended, and nobody has asked how.
        let state: Character
        let command: String
    }

    static var isAvailable: Bool { FileManager.default.fileExists(atPath: "/proc/self/stat") }

    static func all() -> [Entry] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return names.compactMap { pid_t($0) }.compactMap(entry)
    }

    /// Children, their children and so on.
    static func descendants(of pid: pid_t) -> [Entry] {
        let all = all()
        var found: [Entry] = []
        var parents: Set<pid_t> = [pid]
        while true {
            let next = all.filter { entry in parents.contains(entry.parent) && !found.contains { $0.pid == entry.pid } }
            guard !next.isEmpty else { return found }
            found += next
            parents = Set(next.map(\.pid))
        }
    }

    /// One that has ended and only waits to be asked for its end isn't.
    static func isRunning(_ pid: pid_t) -> Bool {
        entry(of: pid).map { $0.state != "Z" } ?? false
    }

    private static func entry(of pid: pid_t) -> Entry? {
        guard let stat = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8),
            // `pid (name) state parent ...`; the name may have anything in it.
            let end = stat.lastIndex(of: ")")
        else { return nil }
        let fields = stat[stat.index(after: end)...].split(separator: " ")
        guard fields.count > 1, let state = fields[0].first, let parent = pid_t(fields[1]) else { return nil }
        let command = (try? String(contentsOfFile: "/proc/\(pid)/cmdline", encoding: .utf8)) ?? ""
        return Entry(pid: pid, parent: parent, state: state, command: command.replacing("\0", with: " "))
    }
}
