import HTTPFraming

/// Reads messages with HTTPFraming, as they arrive in pieces.
struct FramingTranscript {
    private(set) var transcript = Transcript()

    private var received: [UInt8] = []
    private var start = 0
    private var framer: BodyFramer?
    private var keepsAlive = true
    private var isTunnel = false

    static func ofRequests(_ bytes: [UInt8], pieces: [Int]) -> Transcript {
        var reader = FramingTranscript()
        var head = RequestHead()
        return reader.run(bytes, pieces) { reader, rest throws(FramingError) in
            guard try head.parse(rest) else { return nil }
            defer { head.reset() }
            reader.keepsAlive = head.keepsAlive
            // What follows isn't ours to read: the reference takes it for another protocol.
            reader.isTunnel = head.method == .connect || head.first(.upgrade) != nil
            var lines = ""
            head.forEachKeptRange(dropping: []) { lines += reader.text($0) }
            let start = [reader.text(head.methodName), reader.text(head.target), "\(head.version)"]
            return (head.length, head.body, Transcript.Message(start: start, fields: Self.fields(lines)))
        }
    }

    /// - Parameter methods: of the requests that are answered, in order.
    static func ofResponses(_ bytes: [UInt8], pieces: [Int], answering methods: [RequestMethod]) -> Transcript {
        var reader = FramingTranscript()
        var head = ResponseHead()
        var unanswered = methods[...]
        return reader.run(bytes, pieces) { reader, rest throws(FramingError) in
            guard let method = unanswered.first else { return nil }
            guard try head.parse(rest, answering: method) else { return nil }
            defer { head.reset() }
            reader.keepsAlive = head.keepsAlive
            if head.status >= 200 || head.status == 101 { unanswered.removeFirst() }
            var lines = ""
            head.forEachKeptRange(dropping: []) { lines += reader.text($0) }
            let start = ["\(head.version)", "\(head.status)"]
            return (head.length, head.body, Transcript.Message(start: start, fields: Self.fields(lines)))
        }
    }

    private typealias Head = (length: Int, body: BodyFraming, message: Transcript.Message)

    private mutating func run(
        _ bytes: [UInt8],
        _ pieces: [Int],
        readHead: (inout FramingTranscript, Span<UInt8>) throws(FramingError) -> Head?
    ) -> Transcript {
        var end = 0
        for piece in pieces {
            let next = min(end + piece, bytes.count)
            received += bytes[end..<next]
            end = next
            do {
                while try step(readHead) {}
            } catch {
                transcript.refusal = "\(error)"
                return transcript
            }
        }
        return transcript
    }

    /// - Returns: whether there may be more to read.
    private mutating func step(
        _ readHead: (inout FramingTranscript, Span<UInt8>) throws(FramingError) -> Head?
    ) throws(FramingError) -> Bool {
        if framer == nil {
            guard keepsAlive, !isTunnel else { return false }
            let rest = Array(received[start...])
            guard let head = try readHead(&self, rest.span) else { return false }
            transcript.messages.append(head.message)
            start += head.length
            framer = BodyFramer(head.body)
        }
        guard var body = framer else { return false }
        while true {
            let step = try body.next(received.span, from: start)
            framer = body
            switch step {
            case .data(let range):
                transcript.messages[transcript.messages.count - 1].body += received[range]
                start = range.upperBound
            case .needMore:
                start = received.count
                return false
            case .end(let end):
                start = end
                transcript.messages[transcript.messages.count - 1].isComplete = true
                framer = nil
                return true
            }
        }
    }

    /// - Parameter range: in the bytes behind `start`.
    private func text(_ range: Range<Int>) -> String {
        String(decoding: received[start + range.lowerBound..<start + range.upperBound], as: UTF8.self)
    }

    private static func fields(_ lines: String) -> [[String]] {
        lines.split(separator: "\r\n").map { line in
            // By scalars: a colon and an accent behind it are one character.
            let parts = line.unicodeScalars.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            return [String(parts[0]), parts.count > 1 ? String(parts[1]).trimmingWhitespace() : "(no colon)"]
        }
    }
}
