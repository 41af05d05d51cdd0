#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

enum StandardError {
    /// Whether somebody looks at a terminal.
    static var isTerminal: Bool { isatty(STDERR_FILENO) == 1 }

    /// Writes one line in one system call, so that lines of several threads don't mix.
    static func write(_ line: String) {
        var bytes = Array(line.utf8)
        bytes.append(UInt8(ascii: "\n"))
        bytes.withUnsafeBytes { buffer in
            var rest = buffer[...]
            while !rest.isEmpty {
                let written = retryingInterrupted { writeBytes(UnsafeRawBufferPointer(rebasing: rest)) }
                // Nobody reads: a log line is not worth more than the process.
                guard written > 0 else { return }
                rest = rest.dropFirst(written)
            }
        }
    }

    private static func retryingInterrupted(_ call: () -> Int) -> Int {
        while true {
            let result = call()
            if result >= 0 || errno != EINTR { return result }
        }
    }

    private static func writeBytes(_ bytes: UnsafeRawBufferPointer) -> Int {
        #if canImport(Darwin)
            Darwin.write(STDERR_FILENO, bytes.baseAddress, bytes.count)
        #elseif canImport(Musl)
            Musl.write(STDERR_FILENO, bytes.baseAddress, bytes.count)
        #else
            Glibc.write(STDERR_FILENO, bytes.baseAddress, bytes.count)
        #endif
    }
}
