import LoopbackPorts

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// A connection to 127.0.0.1 that sends what it is told to, byte for byte, and tells an end from a reset.
///
/// Its calls block a thread of its own, not one of Swift's. Each has a deadline and fails with what had come by then.
actor RawClient {
    enum Received: Equatable, Sendable {
        case bytes([UInt8])
        case end
        case reset
    }

    private let executor = BlockingExecutor()
    private let socket: Int32
    private var isOpen = true
    /// Received and not yet asked for.
    private var pending: [UInt8] = []
    private var parser: HTTPReplyParser?
    private var eventsTaken = 0

    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    init(port: Int) throws {
        socket = try LoopbackSocket.make()
        // If it fails, the socket is closed by `deinit`, and only there: its number may be another test's at once.
        try LoopbackSocket.connect(socket, port: port)
    }

    deinit {
        if isOpen { _ = closeSocket() }
    }

    /// One request on a connection of its own, and its answer.
    static func exchange(
        _ method: String,
        _ path: String,
        port: Int,
        headers: [String: String] = [:],
        body: String? = nil,
        within limit: Duration = .seconds(20)
    ) async throws -> HTTPReply {
        let client = try RawClient(port: port)
        try await client.send(
            request(method, path, headers: headers.merging(["Connection": "close"]) { own, _ in own }, body: body)
        )
        return try await client.reply(answersHead: method == "HEAD", within: limit)
    }

    /// A request's bytes, with Host and, if there is a body, Content-Length.
    static func request(
        _ method: String,
        _ path: String,
        headers: [String: String] = [:],
        body: String? = nil
    ) -> String {
        var all = headers
        all["Host"] = headers["Host"] ?? "127.0.0.1"
        if let body, headers["Transfer-Encoding"] == nil { all["Content-Length"] = "\(body.utf8.count)" }
        let lines = all.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)\r\n" }
        return "\(method) \(path) HTTP/1.1\r\n" + lines.joined() + "\r\n" + (body ?? "")
    }

    // MARK: - Sending

    func send(_ text: String, within limit: Duration = .seconds(20)) throws {
        try send(Array(text.utf8), within: limit)
    }

    func send(_ bytes: [UInt8], within limit: Duration = .seconds(20)) throws {
        let deadline = ContinuousClock.now + limit
        var rest = bytes[...]
        while !rest.isEmpty {
            try wait(for: POLLOUT, until: deadline, waiting: "to send \(rest.count) bytes")
            let sent = rest.withUnsafeBytes { bytes in
                #if canImport(Darwin)
                    Darwin.send(socket, bytes.baseAddress, bytes.count, Int32(MSG_DONTWAIT))
                #else
                    Glibc.send(socket, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT))
                #endif
            }
            if sent < 0, errno == EAGAIN || errno == EINTR { continue }
            guard sent >= 0 else { throw SocketError("send") }
            rest = rest.dropFirst(sent)
        }
    }

    /// Sends until the peer takes no more for so long.
    /// - Returns: how many bytes it took.
    func sendUntilStuck(_ bytes: [UInt8], patience: Duration = .milliseconds(300)) throws -> Int {
        var sent = 0
        while true {
            do {
                try send(bytes, within: patience)
                sent += bytes.count
            } catch is NotInTime {
                return sent
            }
        }
    }

    /// Sends a FIN; reading goes on.
    func halfClose() {
        shutdown(socket, Int32(SHUT_WR))
    }

    /// Closes as a client does that has gone.
    func close() {
        guard isOpen else { return }
        isOpen = false
        _ = closeSocket()
    }

    /// Closes with a TCP reset.
    func abort() {
        guard isOpen else { return }
        var linger = (on: Int32(1), seconds: Int32(0))
        setsockopt(socket, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout.size(ofValue: linger)))
        close()
    }

    // MARK: - Receiving

    /// What comes next, whatever it is.
    func receive(within limit: Duration = .seconds(20)) throws -> Received {
        if !pending.isEmpty {
            defer { pending = [] }
            return .bytes(pending)
        }
        return try receive(until: .now + limit, waiting: "to receive anything")
    }

    /// - Returns: everything up to and with the pattern.
    func read(until pattern: String, within limit: Duration = .seconds(20)) throws -> String {
        let deadline = ContinuousClock.now + limit
        let pattern = Array(pattern.utf8)
        while true {
            if let range = pending.firstRange(of: pattern) {
                defer { pending.removeFirst(range.upperBound) }
                return String(decoding: pending[..<range.upperBound], as: UTF8.self)
            }
            let seen = String(decoding: pending.suffix(300), as: UTF8.self)
            switch try receive(
                until: deadline,
                waiting: "for \(String(decoding: pattern, as: UTF8.self)) after \(seen)"
            ) {
            case .bytes(let bytes): pending += bytes
            case .end: throw HarnessFailure(description: "end of connection after \(seen)")
            case .reset: throw HarnessFailure(description: "reset of connection after \(seen)")
            }
        }
    }

    /// - Returns: all there is until the connection's end, and how it ended.
    func readToEnd(within limit: Duration = .seconds(20)) throws -> (bytes: [UInt8], ending: Received) {
        let deadline = ContinuousClock.now + limit
        while true {
            switch try receive(until: deadline, waiting: "for the end of the connection after \(pending.count) bytes") {
            case .bytes(let bytes): pending += bytes
            case let ending:
                defer { pending = [] }
                return (pending, ending)
            }
        }
    }

    /// - Returns: the next answer, up to its end or the connection's.
    func reply(answersHead: Bool = false, within limit: Duration = .seconds(20)) throws -> HTTPReply {
        try advance(answersHead: answersHead, within: limit) { $0.reply.ending != .open }
    }

    /// - Returns: the next answer with as much of its body as has come together with its head; ``reply(answersHead:within:)``
    ///   or ``nextEvent(within:)`` go on from there.
    func replyHead(answersHead: Bool = false, within limit: Duration = .seconds(20)) throws -> HTTPReply {
        try advance(answersHead: answersHead, within: limit) { $0.hasHead || $0.reply.ending != .open }
    }

    /// - Returns: the next event's data; nil at the answer's end, of which ``reply(answersHead:within:)`` then says how
    ///   it was.
    func nextEvent(within limit: Duration = .seconds(20)) throws -> String? {
        let taken = eventsTaken
        let reply = try advance(answersHead: false, within: limit, keepsEnd: true) {
            $0.reply.ending != .open || $0.reply.events.count > taken
        }
        guard reply.events.count > taken else { return nil }
        eventsTaken += 1
        return reply.events[taken]
    }

    private func advance(
        answersHead: Bool,
        within limit: Duration,
        keepsEnd: Bool = false,
        until isEnough: (HTTPReplyParser) -> Bool
    ) throws -> HTTPReply {
        let deadline = ContinuousClock.now + limit
        var parser = parser ?? HTTPReplyParser(answersHead: answersHead)
        defer { self.parser = parser }
        try parser.feed(pending)
        pending = []
        while !isEnough(parser) {
            switch try receive(
                until: deadline,
                waiting: "for an answer, of which came: \(parser.reply.status) \(parser.reply.text.suffix(300))"
            ) {
            case .bytes(let bytes): try parser.feed(bytes)
            case .end: parser.connectionEnded(byReset: false)
            case .reset: parser.connectionEnded(byReset: true)
            }
        }
        let reply = parser.reply
        if reply.ending != .open, !keepsEnd {
            pending = parser.leftover
            eventsTaken = 0
            parser = HTTPReplyParser()
        }
        return reply
    }

    private func receive(
        until deadline: ContinuousClock.Instant,
        waiting what: @autoclosure () -> String
    ) throws -> Received {
        var buffer = [UInt8](repeating: 0, count: 65536)
        while true {
            try wait(for: POLLIN, until: deadline, waiting: what())
            let count = recv(socket, &buffer, buffer.count, 0)
            if count > 0 { return .bytes(Array(buffer[..<count])) }
            if count == 0 { return .end }
            if errno == ECONNRESET || errno == EPIPE { return .reset }
            guard errno == EINTR || errno == EAGAIN else { throw SocketError("recv") }
        }
    }

    /// - Parameter what: made only to be said; to have it made each time would cost more than the waiting.
    private func wait(
        for event: Int32,
        until deadline: ContinuousClock.Instant,
        waiting what: @autoclosure () -> String
    ) throws {
        guard isOpen else { throw SocketError("use of a closed connection", code: EBADF) }
        while true {
            var descriptor = pollfd(fd: socket, events: Int16(event), revents: 0)
            if poll(&descriptor, 1, 50) > 0 { return }
            try Task.checkCancellation()
            guard ContinuousClock.now < deadline else { throw NotInTime(description: "waited too long \(what())") }
        }
    }

    private nonisolated func closeSocket() -> Int32 {
        #if canImport(Darwin)
            Darwin.close(socket)
        #else
            Glibc.close(socket)
        #endif
    }
}
