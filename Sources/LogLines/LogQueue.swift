/// Lines on their way to a log whose reader may be slow, or gone. What doesn't fit is counted.
struct LogQueue {
    private var lines: [[UInt8]] = []
    private var bytes = 0
    private var lost = 0

    /// Some thousand lines.
    static let mostBytes = 1 << 20

    /// What is to be written next.
    struct Batch: Equatable {
        let lines: [[UInt8]]
        /// How many lines came after these and didn't fit.
        let lost: Int
    }

    /// - Parameter line: with its end.
    mutating func add(_ line: [UInt8]) {
        // Once a line was lost, later ones are, too, until it can be said where they are missing.
        guard lost == 0, bytes + line.count <= Self.mostBytes else {
            lost += 1
            return
        }
        lines.append(line)
        bytes += line.count
    }

    /// - Returns: nil when there is nothing.
    mutating func takeAll() -> Batch? {
        guard !lines.isEmpty || lost > 0 else { return nil }
        defer { self = LogQueue() }
        return Batch(lines: lines, lost: lost)
    }
}
