#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// What comes from the terminal and the system.
enum TerminalEvent: Sendable {
    case key(Key)
    case signal(Int32)
    /// A second has passed.
    case tick
    /// The terminal gives no more keys.
    case closed
}

/// Waits for keys and signals, on a thread of its own, until the terminal is closed or the process ends.
struct TerminalEvents {
    let signals: Int32
    let report: @Sendable (TerminalEvent) -> Void

    private static let tickMilliseconds: Int32 = 1000
    /// A sequence comes at once, even over a slow line; a person's next key doesn't.
    private static let escapeMilliseconds: Int32 = 50

    func run() {
        var parser = KeyParser()
        var nextTick = ContinuousClock.now + .milliseconds(Int(Self.tickMilliseconds))
        var waiting = [
            pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0),
            pollfd(fd: signals, events: Int16(POLLIN), revents: 0),
        ]
        while true {
            let untilTick = max(0, Int32((nextTick - .now) / .milliseconds(1)) + 1)
            let ready = poll(&waiting, 2, parser.isUndecided ? min(untilTick, Self.escapeMilliseconds) : untilTick)
            if ready == 0, parser.isUndecided { parser.settle().forEach { report(.key($0)) } }
            if nextTick <= .now {
                report(.tick)
                nextTick = .now + .milliseconds(Int(Self.tickMilliseconds))
            }
            guard ready > 0 else { continue }
            if waiting[1].revents != 0 { readBytes(signals)?.forEach { report(.signal(Int32($0))) } }
            guard waiting[0].revents != 0 else { continue }
            guard let bytes = readBytes(STDIN_FILENO) else { return report(.closed) }
            parser.read(bytes).forEach { report(.key($0)) }
        }
    }

    /// Nil: there will be no more.
    private func readBytes(_ descriptor: Int32) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: 1024)
        let count = read(descriptor, &bytes, bytes.count)
        if count > 0 { return Array(bytes.prefix(count)) }
        return count < 0 && (errno == EINTR || errno == EAGAIN) ? [] : nil
    }
}
