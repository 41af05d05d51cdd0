#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// Where the access log's lines go. Its calls may block.
struct AccessLogFile: ~Copyable {
    private let path: String
    private var descriptor: Int32
    private var line = RequestLine()
    /// The last write ended within a line.
    private var isTorn = false
    private var fails = false

    /// What is worth a line of the program's own log.
    enum Change: Equatable {
        case failed(String)
        case works
    }

    /// In bytes: lines are gathered until there are so many, so that few calls are made.
    private static let piece = 64 << 10
    private static let standardOutput = "-"

    /// - Parameter path: `-`: standard output.
    init(path: String) throws(AccessLogFailure) {
        self.path = path
        descriptor = try Self.open(path)
    }

    deinit {
        if path != Self.standardOutput { _ = close(descriptor) }
    }

    private static func open(_ path: String) throws(AccessLogFailure) -> Int32 {
        guard path != standardOutput else { return STDOUT_FILENO }
        while true {
            let descriptor = openFile(path)
            if descriptor >= 0 { return descriptor }
            guard errno == EINTR else { throw AccessLogFailure(path: path, reason: String(cString: strerror(errno))) }
        }
    }

    mutating func reopen() throws(AccessLogFailure) {
        guard path != Self.standardOutput else { return }
        let next = try Self.open(path)
        _ = close(descriptor)
        descriptor = next
        isTorn = false
    }

    /// - Returns: how many lines could not be written, and whether that is news.
    mutating func write(_ records: [RequestRecord]) -> (lost: Int, Change?) {
        var lost = 0
        var gathered = 0
        var failure: String?
        for record in records {
            line.write(record)
            line.endLine()
            gathered += 1
            guard line.bytes.count >= Self.piece else { continue }
            lost += writeGathered(gathered, &failure)
            gathered = 0
        }
        if gathered > 0 { lost += writeGathered(gathered, &failure) }
        defer { fails = failure != nil }
        if let failure { return (lost, fails ? nil : .failed(failure)) }
        return (lost, fails ? .works : nil)
    }

    /// - Returns: how many of so many lines were lost.
    private mutating func writeGathered(_ count: Int, _ failure: inout String?) -> Int {
        defer { line.removeAll() }
        // The end of a line of which only the beginning was written.
        if isTorn, writeBytes([UInt8(ascii: "\n")]) == 1 { isTorn = false }
        guard !isTorn else {
            failure = String(cString: strerror(errno))
            return count
        }
        let written = writeBytes(line.bytes)
        guard written < line.bytes.count else { return 0 }
        failure = String(cString: strerror(errno))
        isTorn = written > 0 && line.bytes[written - 1] != UInt8(ascii: "\n")
        return line.bytes[written...].count { $0 == UInt8(ascii: "\n") }
    }

    /// - Returns: how many bytes were written; fewer than there are: `errno` says why.
    private func writeBytes(_ bytes: [UInt8]) -> Int {
        bytes.withUnsafeBytes { buffer in
            var written = 0
            while written < buffer.count {
                let count = writeSome(descriptor, UnsafeRawBufferPointer(rebasing: buffer[written...]))
                if count > 0 {
                    written += count
                } else if count == 0 || !canGoOn(after: errno) {
                    break
                }
            }
            return written
        }
    }

    private func canGoOn(after error: Int32) -> Bool {
        switch error {
        case EINTR: return true
        case EAGAIN:
            // Another process made the file description that it shares with us non-blocking.
            var wanted = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
            return poll(&wanted, 1, -1) > 0 || errno == EINTR
        default: return false
        }
    }
}

/// Out of a type that has an `open` of its own. Its group may read it, and nobody else.
private func openFile(_ path: String) -> Int32 {
    open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o640)
}

private func writeSome(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Int {
    write(descriptor, bytes.baseAddress, bytes.count)
}
