import Synchronization

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// The terminal of this process: standard input and output. Any thread may use it.
package final class TerminalDevice: Sendable {
    /// Its modes as we found them.
    private let original: termios
    private let isEntered = Mutex(false)

    /// Whether there is a terminal to draw on and to read keys from.
    ///
    /// - Parameter environment: where `TERM` says what it can do.
    package static func isUsable(environment: [String: String]) -> Bool {
        let term = environment["TERM"] ?? ""
        return isatty(STDIN_FILENO) == 1 && isatty(STDOUT_FILENO) == 1 && !["", "dumb"].contains(term)
    }

    package init() throws(TerminalFailure) {
        var modes = termios()
        guard tcgetattr(STDIN_FILENO, &modes) == 0 else { throw TerminalFailure("the terminal's modes", errno) }
        original = modes
    }

    /// As we need it: every key at once and unseen, nothing added to what we write, our own screen.
    func enter() throws(TerminalFailure) {
        var modes = original
        cfmakeraw(&modes)
        guard tcsetattr(STDIN_FILENO, TCSANOW, &modes) == 0 else {
            throw TerminalFailure("the terminal's modes", errno)
        }
        isEntered.withLock { $0 = true }
        CrashGuard.arm(original)
        try write(ScreenWriter.enter)
    }

    /// As it was. Does nothing if it is so already, or gone.
    func leave() {
        guard
            isEntered.withLock({ entered in
                defer { entered = false }
                return entered
            })
        else { return }
        CrashGuard.disarm()
        try? write(ScreenWriter.leave)
        restoreModes()
    }

    /// Doesn't wait for a terminal that takes no more.
    func restoreModes() {
        var modes = original
        _ = tcsetattr(STDIN_FILENO, TCSANOW, &modes)
    }

    var size: TerminalSize { Self.size ?? TerminalSize(width: 0, height: 0) }

    /// Nil: standard output is no terminal.
    package static var size: TerminalSize? {
        var window = winsize()
        guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &window) == 0 else { return nil }
        return TerminalSize(width: Int(window.ws_col), height: Int(window.ws_row))
    }

    /// All of it in one system call, unless the terminal takes only a part.
    func write(_ text: String) throws(TerminalFailure) {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let written = rest.withUnsafeBytes { systemWrite(STDOUT_FILENO, $0.baseAddress, $0.count) }
            if written > 0 {
                rest = rest.dropFirst(written)
            } else if errno == EAGAIN {
                var waiting = pollfd(fd: STDOUT_FILENO, events: Int16(POLLOUT), revents: 0)
                _ = poll(&waiting, 1, -1)
            } else if errno != EINTR {
                throw TerminalFailure("the terminal is gone", errno)
            }
        }
    }
}

/// Out of a type that has a `write` of its own.
private func systemWrite(_ descriptor: Int32, _ bytes: UnsafeRawPointer?, _ count: Int) -> Int {
    write(descriptor, bytes, count)
}
