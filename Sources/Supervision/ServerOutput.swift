package import SupervisionRules
import Synchronization

/// What a server has printed: its end, and who waits for more. It outlives the server's processes. Any thread may call it.
package final class ServerOutput: Sendable {
    private struct State {
        var tail = LogTail()
        /// Whether the last byte that was printed ended a line.
        var isAtLineStart = true
        /// Bounded by those who call: each waits once.
        var waiting: [(number: Int, call: @Sendable () -> Void)] = []

        /// - Returns: whom to call.
        mutating func takeDue() -> [@Sendable () -> Void] {
            guard !waiting.isEmpty else { return [] }
            let due = waiting.filter { $0.number < tail.last }.map(\.call)
            waiting.removeAll { $0.number < tail.last }
            return due
        }
    }

    private let state = Mutex(State())
    private let file: ServerLogFile?

    /// - Parameter file: where all of it is written, too; nil: nowhere.
    package init(file: ServerLogFile? = nil) {
        self.file = file
    }

    /// Some of the lines: see `LogTail`.
    package func part(after number: Int?, count: Int, mostAtOnce: Int, bytes limit: Int) -> LogTail.Part {
        state.withLock { $0.tail.part(after: number, count: count, mostAtOnce: mostAtOnce, bytes: limit) }
    }

    /// Calls once when there is a line behind the one of that number: at once, or when it comes, on the thread that reads it.
    package func onLine(after number: Int, _ call: @escaping @Sendable () -> Void) {
        let isDue = state.withLock { state in
            guard state.tail.last <= number else { return true }
            state.waiting.append((number, call))
            return false
        }
        if isDue { call() }
    }

    /// A process of the server is about to be there.
    func begin(_ words: String) {
        writeNote(words)
        change { tail in
            tail.begin()
            tail.note(words)
        }
    }

    /// - Returns: the lines that have become whole.
    func take(_ bytes: some Sequence<UInt8>) -> [String] {
        let bytes = Array(bytes)
        if let last = bytes.last { state.withLock { $0.isAtLineStart = last == UInt8(ascii: "\n") } }
        file?.append(bytes)
        return change { $0.take(bytes) }
    }

    /// Nothing more comes of this process.
    ///
    /// - Returns: the last line, if it hadn't ended yet.
    func end() -> String? {
        change { $0.end() }
    }

    func note(_ words: String) {
        writeNote(words)
        change { $0.note(words) }
    }

    /// Returns when all is written to the file, or after a second.
    func flush() {
        file?.flush()
    }

    private func writeNote(_ words: String) {
        guard let file else { return }
        let isAtLineStart = state.withLock { state in
            defer { state.isAtLineStart = true }
            return state.isAtLineStart
        }
        file.append("\(isAtLineStart ? "" : "\n")\(words)\n".utf8)
    }

    /// The last lines of the present process, of so many UTF-8 bytes.
    func excerpt(bytes limit: Int) -> [String] {
        state.withLock { $0.tail.excerpt(bytes: limit) }
    }

    private func change<Value: Sendable>(_ change: (inout LogTail) -> Value) -> Value {
        let (value, due) = state.withLock { state in
            let value = change(&state.tail)
            return (value, state.takeDue())
        }
        for call in due { call() }
        return value
    }
}
