import Foundation
import Synchronization

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// Reads a child's outputs and waits for its end, on threads of its own.
final class ChildWatch: Sendable {
    /// Older ones are dropped.
    static let mostLines = 20_000

    private struct State {
        var lines: [String] = []
        var exit: ChildProcess.Exit?
        var openOutputs: Int
    }

    private let pid: pid_t
    private let state: Mutex<State>

    init(pid: pid_t, outputs: [Int32]) {
        self.pid = pid
        state = Mutex(State(openOutputs: outputs.count))
        for output in outputs { Thread.detachNewThread { self.read(output) } }
        Thread.detachNewThread { self.reap() }
    }

    var lines: [String] { state.withLock { $0.lines } }

    /// Known only once all output is there, so that who has seen the end has seen everything.
    var exit: ChildProcess.Exit? { state.withLock { $0.openOutputs == 0 ? $0.exit : nil } }

    /// The lock keeps the process from being reaped, and its id from being somebody else's, meanwhile.
    func signal(_ signal: Int32) {
        state.withLock { state in
            guard state.exit == nil else { return }
            _ = kill(pid, signal)
        }
    }

    private func read(_ output: Int32) {
        var buffer = [UInt8](repeating: 0, count: 16384)
        var partial: [UInt8] = []
        while true {
            #if canImport(Darwin)
                let count = Darwin.read(output, &buffer, buffer.count)
            #else
                let count = Glibc.read(output, &buffer, buffer.count)
            #endif
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            partial += buffer[..<count]
            var whole = partial.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
            partial = whole.popLast().map(Array.init) ?? []
            add(whole.map { String(decoding: $0, as: UTF8.self) })
        }
        if !partial.isEmpty { add([String(decoding: partial, as: UTF8.self)]) }
        close(output)
        state.withLock { $0.openOutputs -= 1 }
    }

    private func add(_ lines: [String]) {
        state.withLock { state in
            state.lines += lines
            if state.lines.count > Self.mostLines { state.lines.removeFirst(state.lines.count - Self.mostLines) }
        }
    }

    private func reap() {
        var info = siginfo_t()
        // Waits without reaping.
        while waitid(P_PID, id_t(pid), &info, WEXITED | WNOWAIT) != 0, errno == EINTR {}
        state.withLock { state in
            var status: Int32 = 0
            waitpid(pid, &status, 0)
            let signal = status & 0x7f
            state.exit = signal == 0 ? .code((status >> 8) & 0xff) : .signal(signal)
        }
    }
}
