import Dispatch
package import Logging
import Synchronization

/// A file to which a server's output is appended, on a thread of its own: no server waits for a disk. Any thread may call it.
///
/// At a size it goes on in a new file, and the old one is kept under its name with `.1` behind it; one before that is gone.
package final class ServerLogFile: Sendable {
    /// Bytes, after which a new file is begun.
    package static let largest = 32 << 20
    /// Bytes that may wait for the disk; more is left out.
    private static let mostWaiting = 4 << 20

    private struct Queue {
        var bytes: [UInt8] = []
        /// Bytes that were left out since, and not told of yet.
        var lost = 0
        /// Whether the thread has been asked to write.
        var isAwaited = false
    }

    private let queue = Mutex(Queue())
    private let thread: DispatchQueue
    /// Locked by ``thread`` alone: nobody waits for it.
    private let file: Mutex<RotatedFile>
    private let logger: Logger

    /// - Parameter path: its folder is there, or is made.
    package init(path: String, largest: Int = ServerLogFile.largest, logger: Logger) {
        file = Mutex(RotatedFile(path: path, largest: largest))
        thread = DispatchQueue(label: "paddler.server-log")
        self.logger = logger
    }

    /// Returns at once.
    package func append(_ bytes: some Sequence<UInt8>) {
        let isFirst = queue.withLock { queue in
            let bytes = Array(bytes)
            guard queue.bytes.count + bytes.count <= Self.mostWaiting else {
                queue.lost += bytes.count
                return false
            }
            if queue.lost > 0 {
                queue.bytes += Array("\n[paddler] … \(queue.lost) bytes left out: the disk is too slow\n".utf8)
                queue.lost = 0
            }
            queue.bytes += bytes
            defer { queue.isAwaited = true }
            return !queue.isAwaited
        }
        if isFirst { thread.async { self.write() } }
    }

    /// Returns when all is written, or after a second: a process that ends waits no longer for a disk.
    package func flush() {
        let written = DispatchSemaphore(value: 0)
        thread.async { written.signal() }
        _ = written.wait(timeout: .now() + .seconds(1))
    }

    private func write() {
        let bytes = queue.withLock { queue in
            queue.isAwaited = false
            defer { queue.bytes = [] }
            return queue.bytes
        }
        let (path, change) = file.withLock { ($0.path, $0.append(bytes)) }
        switch change {
        case nil: break
        case .failed(let reason)?:
            logger.error(
                "a server's log can't be written: lines are missing from here on",
                metadata: ["file": "\(path)", "reason": "\(reason)"]
            )
        case .works?:
            logger.info("a server's log is written again", metadata: ["file": "\(path)"])
        }
    }
}
