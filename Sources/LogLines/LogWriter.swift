import Dispatch
import Synchronization

/// Writes lines to standard error on a thread of its own: a reader that has stopped holds up nobody else.
package final class LogWriter: Sendable {
    /// The one of this process. There is one standard error.
    package static let standardError = LogWriter(write: { StandardError.write($0) })

    private let state = Mutex(State())
    private let thread = DispatchQueue(label: "paddler.log")
    private let write: @Sendable ([UInt8]) -> Void

    private struct State {
        var queue = LogQueue()
        var isWriting = false
        /// Says how many lines are missing, with its end.
        var notice: @Sendable (_ lost: Int) -> String = { "\($0) lines of the log were lost: nobody read it\n" }
    }

    /// - Parameter write: may block.
    package init(write: @escaping @Sendable ([UInt8]) -> Void) {
        self.write = write
    }

    /// In the form of the other lines.
    package func setNotice(_ notice: @escaping @Sendable (_ lost: Int) -> String) {
        state.withLock { $0.notice = notice }
    }

    /// Returns at once.
    ///
    /// - Parameter line: without its end.
    package func add(_ line: String) {
        let bytes = Array(line.utf8) + [UInt8(ascii: "\n")]
        let mustStart = state.withLock { state in
            state.queue.add(bytes)
            defer { state.isWriting = true }
            return !state.isWriting
        }
        if mustStart { thread.async { self.writeAll() } }
    }

    /// Returns when all lines are written, or after a second: a process that ends waits no longer for its log's reader.
    package func flush() {
        let written = DispatchSemaphore(value: 0)
        thread.async { written.signal() }
        _ = written.wait(timeout: .now() + .seconds(1))
    }

    private func writeAll() {
        while let (batch, notice) = next() {
            // One at a time: other processes may write to the same place.
            for line in batch.lines { write(line) }
            if batch.lost > 0 { write(Array(notice(batch.lost).utf8)) }
        }
    }

    private func next() -> (LogQueue.Batch, @Sendable (Int) -> String)? {
        state.withLock { state in
            guard let batch = state.queue.takeAll() else {
                state.isWriting = false
                return nil
            }
            return (batch, state.notice)
        }
    }
}
