import HTTPFraming
import LlamaServer
import NIOCore

/// A request as an upstream gets it: head and body in one piece, kept until the first byte of an answer since until then
/// it may have to be sent again, perhaps elsewhere.
///
/// What may have to be other lines for one upstream than for another stands in front, behind the request line.
struct RequestMessage {
    private(set) var bytes: ByteBuffer
    private var marks: Marks
    /// Whether an upstream's own key is put on it; never for whoever has shown none of ours.
    private let takesUpstreamKey: Bool

    /// Offsets into the readable bytes: where the client's `Host` begins, its keys, all the rest, and the body.
    struct Marks {
        var hosts = 0
        var keys = 0
        var rest = 0
        var body = 0
    }

    /// - Parameter head: whole, but for the end of a chunked message's.
    init(head: ByteBuffer, _ marks: Marks, takesUpstreamKey: Bool = true) {
        bytes = head
        self.marks = marks
        self.takesUpstreamKey = takesUpstreamKey
    }

    mutating func append(_ source: ByteBuffer, _ range: Range<Int>) { bytes.write(source, range) }

    /// llama-server gets a body of known length: one form for all, whatever the client chose.
    mutating func end(with body: ByteBuffer) {
        bytes.writeString("Content-Length: \(body.readableBytes)\r\n\r\n")
        marks.body = bytes.readableBytes
        bytes.writeImmutableBuffer(body)
    }

    // MARK: - Looking back

    /// Whether a whole message asks for a stream of events, and its endpoint has one. Reads all of the body: nothing for
    /// the path of every request.
    var asksForStream: Bool {
        let bytes = bytes.readableBytesUInt8Span
        var spaces = 0
        var start = 0
        for index in 0..<marks.hosts where bytes[index] == UInt8(ascii: " ") || bytes[index] == UInt8(ascii: "?") {
            spaces += 1
            if spaces == 1 { start = index + 1 }
            guard spaces == 2 else { continue }
            return Endpoint.canStream(path: bytes.extracting(start..<index))
                && RequestBody.asksForStream(bytes.extracting(marks.body...))
        }
        return false
    }

    // MARK: - Sending

    /// The start of the message with an upstream's own lines instead of the client's, and what follows it.
    func parts(with own: UpstreamLines) -> (start: ByteBuffer, rest: ByteBuffer) {
        var start = ByteBufferAllocator().buffer(
            capacity: marks.rest + (own.host?.readableBytes ?? 0) + (own.key?.readableBytes ?? 0)
        )
        start.write(bytes, 0..<marks.hosts)
        if let host = own.host {
            start.writeImmutableBuffer(host)
        } else {
            start.write(bytes, marks.hosts..<marks.keys)
        }
        if takesUpstreamKey, let key = own.key {
            start.writeImmutableBuffer(key)
        } else {
            start.write(bytes, marks.keys..<marks.rest)
        }
        var remaining = bytes
        remaining.moveReaderIndex(forwardBy: marks.rest)
        return (start, remaining)
    }
}
