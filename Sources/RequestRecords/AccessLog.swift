import Dispatch
public import Logging
import Synchronization

/// Writes a line for each request that ended, on a thread of its own: no request waits for a disk or a reader.
///
/// Any thread may call it. Records are collected for a tenth of a second, so that a thread is woken and a file written to
/// ten times a second, and not for each request.
public final class AccessLog: Sendable {
    private let state: Mutex<State>
    private let thread = DispatchQueue(label: "paddler.access-log")
    private let logger: Logger
    /// Locked by ``thread`` alone: nobody waits for it.
    private let file: Mutex<AccessLogFile>

    private struct State {
        var queue: RecordQueue
        var wakes = Wakes.none
    }

    /// Whether somebody has asked the thread to write what there is.
    private enum Wakes {
        case none, soon, now
    }

    private static let pause = DispatchTimeInterval.milliseconds(100)
    /// Some 15 MB, and at a thousand requests a second half a minute of a disk that hangs.
    public static let standardCapacity = 32_768

    /// - Parameters:
    ///   - path: of a file that is appended to, or `-`: standard output.
    ///   - capacity: how many records may wait for it.
    /// - Throws: ``AccessLogFailure`` when it can't be opened.
    public init(path: String, capacity: Int = standardCapacity, logger: Logger) throws {
        self.logger = logger
        state = Mutex(State(queue: RecordQueue(most: capacity)))
        file = Mutex(try AccessLogFile(path: path))
    }

    /// Returns at once.
    public func add(_ record: borrowing RequestRecord) {
        let wish = state.withLock { state -> Wakes in
            state.queue.add(record)
            switch state.wakes {
            case .none: state.wakes = state.queue.isFilling ? .now : .soon
            case .soon where state.queue.isFilling: state.wakes = .now
            case .soon, .now: return .none
            }
            return state.wakes
        }
        switch wish {
        case .none: break
        case .soon: thread.asyncAfter(deadline: .now() + Self.pause) { self.writeAll() }
        case .now: thread.async { self.writeAll() }
        }
    }

    /// How many lines are missing, since the queue was full or the file couldn't be written.
    public var lost: Int { state.withLock { $0.queue.lost } }

    /// Goes on in a new file of the same name: whoever has renamed the old one has all of it. If there can't be one, lines
    /// go where they went.
    public func reopen() {
        thread.async { [self] in
            writeAll()
            do {
                try file.withLock { try $0.reopen() }
            } catch {
                logger.error(
                    "the access log can't be opened again: it goes on in the old file",
                    metadata: ["reason": "\(error)"]
                )
            }
        }
    }

    /// Returns when all is written, or after a second: a process that ends waits no longer for a disk.
    public func flush() {
        let written = DispatchSemaphore(value: 0)
        thread.async {
            self.writeAll()
            written.signal()
        }
        _ = written.wait(timeout: .now() + .seconds(1))
    }

    private func writeAll() {
        let records = state.withLock { state in
            state.wakes = .none
            return state.queue.takeAll()
        }
        guard !records.isEmpty else { return }
        let (lost, change) = file.withLock { $0.write(records) }
        if lost > 0 { state.withLock { $0.queue.lose(lost) } }
        switch change {
        case nil: break
        case .failed(let reason)?:
            logger.error(
                "the access log can't be written: lines are missing from here on",
                metadata: ["reason": "\(reason)"]
            )
        case .works?:
            logger.info("the access log is written again")
        }
    }
}
