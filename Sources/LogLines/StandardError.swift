#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#elseif os(Windows)
    import CRT
#else
    import Glibc
#endif

package enum StandardError {
    /// Whether somebody looks at a terminal.
    package static var isTerminal: Bool {
        #if os(Windows)
            _isatty(descriptor) != 0
        #else
            isatty(descriptor) == 1
        #endif
    }

    /// Of standard error, everywhere.
    private static let descriptor: CInt = 2

    /// Says why the process ends, behind what it has logged. Waits a second at most for a reader.
    package static func say(_ line: String) {
        LogWriter.standardError.add(
            (JournalStream.isStandardError ? JournalPriority.error.prefix : "") + HarmlessText.line(line)
        )
        LogWriter.standardError.flush()
    }

    /// Writes one line in one system call, so that lines of several processes don't mix. Blocks while nobody reads.
    ///
    /// - Parameter line: with its end.
    package static func write(_ line: [UInt8]) {
        line.withUnsafeBytes { buffer in
            var rest = buffer[...]
            while !rest.isEmpty {
                let written = writeBytes(UnsafeRawBufferPointer(rebasing: rest))
                if written > 0 {
                    rest = rest.dropFirst(written)
                } else if written == 0 || !canGoOn(after: errno) {
                    // The reader is gone, or the disk is full: a log line is not worth more than the process.
                    return
                }
            }
        }
    }

    private static func canGoOn(after error: CInt) -> Bool {
        switch error {
        case EINTR: return true
        #if !os(Windows)
            case EAGAIN:
                // Another process made the file description it shares with us non-blocking.
                var wanted = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                return poll(&wanted, 1, -1) > 0 || errno == EINTR
        #endif
        default: return false
        }
    }

    private static func writeBytes(_ bytes: UnsafeRawBufferPointer) -> Int {
        #if canImport(Darwin)
            Darwin.write(descriptor, bytes.baseAddress, bytes.count)
        #elseif os(Windows)
            Int(_write(descriptor, bytes.baseAddress, UInt32(bytes.count)))
        #elseif canImport(Musl)
            Musl.write(descriptor, bytes.baseAddress, bytes.count)
        #else
            Glibc.write(descriptor, bytes.baseAddress, bytes.count)
        #endif
    }
}
