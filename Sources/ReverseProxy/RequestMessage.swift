import HTTPFraming
import LlamaServer
import NIOCore

/// A request as an upstream gets it: head and body in one piece, kept until the first byte of an answer since until then
/// it may have to be sent again, perhaps elsewhere.
///
/// What may have to be other lines for one upstream than for another stands in front, behind the request line.
struct RequestMessage {
    private(set) var bytes = ByteBuffer()
    /// Offsets into the readable bytes: where the client's `Host` begins, its keys, all the rest, and the body.
    private var hosts = 0
    private var keys = 0
    private var rest = 0
    private var body = 0

    init() {}

    init(capacity: Int) {
        bytes = ByteBufferAllocator().buffer(capacity: capacity)
    }

    // MARK: - Writing, in this order

    mutating func beginHosts() { hosts = bytes.readableBytes }

    mutating func beginKeys() { keys = bytes.readableBytes }

    mutating func beginRest() { rest = bytes.readableBytes }

    mutating func beginBody() { body = bytes.readableBytes }

    mutating func write(_ source: ByteBuffer, _ range: Range<Int>) { bytes.write(source, range) }

    mutating func write(_ text: StaticString) { bytes.writeStaticString(text) }

    mutating func write(_ text: String) { bytes.writeString(text) }

    mutating func write(_ identifier: RequestIdentifier) { identifier.write(into: &bytes) }

    mutating func write(_ body: inout ByteBuffer) { bytes.writeBuffer(&body) }

    // MARK: - Looking back

    /// Whether a whole message asks for a stream of events, and its endpoint has one. Reads all of the body: nothing for
    /// the path of every request.
    var asksForStream: Bool {
        let bytes = bytes.readableBytesUInt8Span
        var spaces = 0
        var start = 0
        for index in 0..<hosts where bytes[index] == UInt8(ascii: " ") || bytes[index] == UInt8(ascii: "?") {
            spaces += 1
            if spaces == 1 { start = index + 1 }
            guard spaces == 2 else { continue }
            return Endpoint.canStream(path: bytes.extracting(start..<index))
                && RequestBody.asksForStream(bytes.extracting(body...))
        }
        return false
    }

    // MARK: - Sending

    /// The start of the message with an upstream's own lines instead of the client's, and what follows it.
    func parts(with own: UpstreamLines) -> (start: ByteBuffer, rest: ByteBuffer) {
        var start = ByteBufferAllocator().buffer(
            capacity: rest + (own.host?.readableBytes ?? 0) + (own.key?.readableBytes ?? 0)
        )
        start.write(bytes, 0..<hosts)
        if let host = own.host { start.writeImmutableBuffer(host) } else { start.write(bytes, hosts..<keys) }
        if let key = own.key { start.writeImmutableBuffer(key) } else { start.write(bytes, keys..<rest) }
        var remaining = bytes
        remaining.moveReaderIndex(forwardBy: rest)
        return (start, remaining)
    }
}
