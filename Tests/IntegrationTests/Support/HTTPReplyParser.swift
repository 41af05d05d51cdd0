/// Reads answers byte by byte, strictly enough for tests: what isn't HTTP/1.1 is an error.
struct HTTPReplyParser: Sendable {
    struct Malformed: Error, CustomStringConvertible {
        let description: String
    }

    private enum Phase {
        case head
        case length(remaining: Int)
        case chunkSize
        case chunk(remaining: Int)
        case chunkEnd
        case trailers
        case untilEnd
        case done
    }

    private var phase = Phase.head
    private var received: [UInt8] = []
    private var used = 0
    private let answersHead: Bool
    private(set) var reply = HTTPReply()

    /// - Parameter answersHead: whether the request was a HEAD, whose answer has no body.
    init(answersHead: Bool = false) {
        self.answersHead = answersHead
    }

    var hasHead: Bool { reply.status != 0 }

    /// What came after the answer's end.
    var leftover: [UInt8] { Array(received[used...]) }

    mutating func feed(_ bytes: [UInt8]) throws {
        received += bytes
        while try step() {}
        if used > 65536 {
            received.removeFirst(used)
            used = 0
        }
    }

    mutating func connectionEnded(byReset: Bool) {
        guard case .open = reply.ending else { return }
        if case .untilEnd = phase, !byReset { reply.ending = .complete } else { reply.ending = byReset ? .reset : .cut }
    }

    /// - Returns: whether another step may be possible.
    private mutating func step() throws -> Bool {
        switch phase {
        case .done: return false
        case .head: return try readHead()
        case .untilEnd:
            defer { used = received.count }
            reply.body += received[used...]
            return false
        case .length(let remaining):
            guard let left = take(remaining) else { return false }
            if left == 0 { finish() } else { phase = .length(remaining: left) }
        case .chunkSize:
            guard let line = try line() else { return false }
            let digits = line.prefix { $0 != ";" }.trimmingWhitespace()
            guard let size = Int(digits, radix: 16), size >= 0 else {
                throw Malformed(description: "chunk size \(line)")
            }
            phase = size == 0 ? .trailers : .chunk(remaining: size)
        case .chunk(let remaining):
            guard let left = take(remaining) else { return false }
            phase = left == 0 ? .chunkEnd : .chunk(remaining: left)
        case .chunkEnd:
            guard let line = try line() else { return false }
            guard line.isEmpty else { throw Malformed(description: "after a chunk: \(line)") }
            phase = .chunkSize
        case .trailers:
            guard let line = try line() else { return false }
            if line.isEmpty { finish() }
        }
        return true
    }

    private mutating func finish() {
        phase = .done
        reply.ending = .complete
    }

    /// - Returns: how many of the bytes are still to come; nil if there is none to take now.
    private mutating func take(_ wanted: Int) -> Int? {
        let count = min(wanted, received.count - used)
        guard count > 0 || wanted == 0 else { return nil }
        reply.body += received[used..<used + count]
        used += count
        return wanted - count
    }

    private mutating func line() throws -> String? {
        guard let end = received[used...].firstIndex(of: UInt8(ascii: "\n")) else { return nil }
        guard end > used, received[end - 1] == UInt8(ascii: "\r") else { throw Malformed(description: "a bare LF") }
        defer { used = end + 1 }
        return String(decoding: received[used..<end - 1], as: UTF8.self)
    }

    private mutating func readHead() throws -> Bool {
        let end: [UInt8] = [13, 10, 13, 10]
        guard let range = received[used...].firstRange(of: end) else { return false }
        let lines = String(decoding: received[used..<range.lowerBound], as: UTF8.self).split(separator: "\r\n")
        used = range.upperBound
        let words = (lines.first ?? "").split(separator: " ", maxSplits: 2, omittingEmptySubsequences: false)
        guard words.count >= 2, words[0].hasPrefix("HTTP/1."), words[1].utf8.count == 3, let status = Int(words[1])
        else {
            throw Malformed(description: "status line \(lines.first ?? "")")
        }
        guard status >= 200 || status == 101 else {
            reply.interim.append(status)
            return true
        }
        reply.status = status
        reply.reason = words.count > 2 ? String(words[2]) : ""
        reply.headers = try lines.dropFirst().map { line in
            guard let colon = line.firstIndex(of: ":"), colon != line.startIndex else {
                throw Malformed(description: "header line \(line)")
            }
            return (String(line[..<colon]), line[line.index(after: colon)...].trimmingWhitespace())
        }
        try beginBody()
        return true
    }

    private mutating func beginBody() throws {
        let lengths = reply.values("content-length")
        reply.isChunked = reply["transfer-encoding"]?.lowercased() == "chunked"
        guard lengths.isEmpty || !reply.isChunked else { throw Malformed(description: "both framings") }
        if answersHead || reply.status == 204 || reply.status == 304 { return finish() }
        if reply.isChunked {
            phase = .chunkSize
        } else if let first = lengths.first {
            guard lengths.count == 1, let length = Int(first), length >= 0 else {
                throw Malformed(description: "Content-Length \(lengths)")
            }
            phase = .length(remaining: length)
        } else {
            phase = .untilEnd
        }
    }
}

extension StringProtocol {
    fileprivate func trimmingWhitespace() -> String {
        let head = drop { $0 == " " || $0 == "\t" }
        var tail = String(head)
        while let last = tail.last, last == " " || last == "\t" { tail.removeLast() }
        return tail
    }
}
