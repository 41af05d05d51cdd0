import ArgumentParser
import LogLines
import ManagementClient

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// The body of a request, from a file or from standard input.
enum RequestBodyInput {
    /// - Parameter file: its path; nil or `-`: standard input.
    /// - Throws: `ExitCode(64)` where a person at a terminal has named no file, `ExitCode(1)` where it can't be read; each
    ///   after one line on standard error.
    static func read(file: String?) throws(ExitCode) -> [UInt8] {
        guard let file, file != "-" else {
            guard isatty(STDIN_FILENO) == 0 else {
                throw failure("name a file with the request's body, or pipe it in: paddler explain < request.json", 64)
            }
            return try all(of: STDIN_FILENO, "standard input")
        }
        let descriptor = open(file, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure("\(file): \(reason)", 1) }
        defer { close(descriptor) }
        return try all(of: descriptor, file)
    }

    private static func all(of descriptor: Int32, _ name: String) throws(ExitCode) -> [UInt8] {
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = systemRead(descriptor, &piece)
            if count == 0 { return bytes }
            guard count > 0 || errno == EINTR else { throw failure("\(name): \(reason)", 1) }
            bytes += piece[..<max(0, count)]
            guard bytes.count <= ExplainedRequest.mostBytes else {
                throw failure("\(name): it is larger than \(ExplainedRequest.mostBytes) bytes", 1)
            }
        }
    }

    private static func failure(_ message: String, _ code: Int32) -> ExitCode {
        StandardError.say("error: \(HarmlessText.line(message))")
        return ExitCode(code)
    }

    private static var reason: String { String(cString: strerror(errno)) }
}

/// Out of a type that has a `read` of its own.
private func systemRead(_ descriptor: Int32, _ buffer: inout [UInt8]) -> Int {
    buffer.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
}
