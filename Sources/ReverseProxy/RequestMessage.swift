import HTTPFraming
import LlamaServer
import NIOCore
import RequestRecords
import Scheduling

/// A request as an upstream gets it: head and body in one piece, kept until the first byte of an answer since until then
/// it may have to be sent again, perhaps elsewhere. llama-server gets a body of known length, whatever the client chose.
///
/// What may have to be other lines for one upstream than for another stands in front, behind the request line.
struct RequestMessage {
    private(set) var bytes: ByteBuffer
    private let marks: Marks
    /// Whether an upstream's own key is put on it; never for whoever has shown none of ours.
    let takesUpstreamKey: Bool
    private var reader = DemandReader()

    /// Offsets into the readable bytes: where the target begins, the client's `Host`, its keys, all the rest, and the body.
    struct Marks {
        var target = 0
        var hosts = 0
        var keys = 0
        var rest = 0
        var body = 0
        /// Where the digits of a length end that is known only when the body is whole.
        var length: Int?
        /// Where the 16 digits of the span begin that the upstream sees as its parent, if the request is traced.
        var span: Int?
    }

    /// Stands in the head of a chunked body until ``end()``: white space, with room for the length of any body.
    static let lengthToCome: StaticString = "          "

    /// - Parameter head: whole.
    init(head: ByteBuffer, _ marks: Marks, takesUpstreamKey: Bool = true) {
        bytes = head
        self.marks = marks
        self.takesUpstreamKey = takesUpstreamKey
    }

    var bodyBytes: Int { bytes.readableBytes - marks.body }

    mutating func append(_ source: ByteBuffer, _ range: Range<Int>) {
        bytes.write(source, range)
        if bodyBytes - reader.count >= Self.largestLook { lookAhead() }
    }

    /// The body is whole: its length stands in the head from now on.
    mutating func end() {
        guard let lengthEnd = marks.length else { return }
        var index = bytes.readerIndex + lengthEnd
        var rest = bodyBytes
        repeat {
            index -= 1
            bytes.setInteger(UInt8(ascii: "0") + UInt8(rest % 10), at: index)
            rest /= 10
        } while rest > 0
    }

    /// From now on the upstream sees this span as its parent. Written in place: as long as nobody else has the bytes, none of
    /// them is copied.
    mutating func setSpan(_ span: SpanID) {
        guard let start = marks.span else { return }
        let text = String(span.rawValue, radix: 16)
        let zeros = String(repeating: "0", count: Self.spanDigits - text.utf8.count)
        bytes.setString(zeros + text, at: bytes.readerIndex + start)
    }

    private static let spanDigits = 16

    // MARK: - What the body says

    /// The model that a whole message names; nil: none.
    mutating func model() -> String? {
        guard bodyBytes > 0 else { return nil }
        return read { reader, body in reader.model(body) }
    }

    /// Where a whole message names its model, in its body; nil: it names none.
    var modelPlace: ModelPlace? {
        reader.modelPlace(bytes.readableBytesUInt8Span.extracting(marks.body...))
    }

    /// Whether it is a form, of which llama-server may read another model than ``model()`` says.
    var isUnclearForm: Bool {
        guard bodyBytes > 0 else { return false }
        let bytes = bytes.readableBytesUInt8Span
        return bytes.extracting(0..<marks.body).containsIgnoringCase("multipart")
            && MultipartForm.isUnclear("model", in: bytes.extracting(marks.body...))
    }

    /// Whether a whole message asks for a stream of events, and its endpoint has one.
    mutating func asksForStream() -> Bool {
        read { reader, body in reader.asksForStream(body) } && hasStreams
    }

    /// The same of a chat completion.
    mutating func asksForStreamedChat() -> Bool {
        guard let path, Endpoint.isChat(path: bytes.readableBytesUInt8Span.extracting(path)) else { return false }
        return asksForStream()
    }

    /// What a whole message asks for.
    ///
    /// - Parameters:
    ///   - model: that it names, in its body or elsewhere.
    ///   - session: that its head names.
    ///   - readsSizes: whether it matters how much room its prompt takes.
    mutating func demand(
        model: String?,
        session: SessionKey?,
        _ reading: PromptReading,
        readsSizes: Bool
    ) -> RequestDemand {
        let path = path ?? 0..<0
        let message = bytes
        return read { reader, body in
            let path = message.readableBytesUInt8Span.extracting(path)
            return reader.demand(body, at: path, model: model, session: session, reading, readsSizes: readsSizes)
        }
    }

    /// In bytes. Small bodies are read when they are whole, and large ones while they come in: many of them in a row would
    /// keep an event loop from all else.
    private static let largestLook = 64 << 10

    private mutating func lookAhead() {
        read { reader, body in reader.read(body) }
    }

    func withBody<Result>(_ look: (borrowing Span<UInt8>) -> Result) -> Result {
        look(bytes.readableBytesUInt8Span.extracting(marks.body...))
    }

    private mutating func read<Result>(
        _ look: (inout DemandReader, borrowing Span<UInt8>) -> Result
    ) -> Result {
        let bytes = bytes
        return look(&reader, bytes.readableBytesUInt8Span.extracting(marks.body...))
    }

    private var hasStreams: Bool {
        path.map { Endpoint.canStream(path: bytes.readableBytesUInt8Span.extracting($0)) } ?? false
    }

    /// Of the target, without its query.
    private var path: Range<Int>? {
        let bytes = bytes.readableBytesUInt8Span
        var start: Int?
        for index in 0..<marks.hosts where bytes[index] == UInt8(ascii: " ") || bytes[index] == UInt8(ascii: "?") {
            if let start { return start..<index }
            start = index + 1
        }
        return nil
    }

    // MARK: - For who sends it itself

    /// Of the request line; nil: there is none.
    var target: String? {
        let line = bytes.readableBytesView[relative: marks.target..<marks.hosts]
        return line.firstIndex(of: UInt8(ascii: " ")).map { String(decoding: line[..<$0], as: UTF8.self) }
    }

    /// The first of a field; nil: there is none.
    ///
    /// - Parameter name: in lower case.
    func value(of name: StaticString) -> String? {
        let source = bytes.readableBytesUInt8Span
        var line = marks.rest
        while line < marks.body, let end = source.index(of: UInt8(ascii: "\n"), from: line) {
            if let colon = source.index(of: UInt8(ascii: ":"), from: line), colon < end,
                source.extracting(line..<colon).equalsIgnoringCase(name)
            {
                let value = String(decoding: bytes.readableBytesView[relative: colon + 1..<end], as: UTF8.self)
                return String(value.drop { $0 == " " }.prefix { $0 != "\r" && $0 != "\r\n" })
            }
            line = end + 1
        }
        return nil
    }

    /// - Parameter model: another name of its model; nil: as it calls it.
    func body(naming model: String?) -> ByteBuffer {
        let start = bytes.readerIndex + marks.body
        let body = bytes.getSlice(at: start, length: bodyBytes) ?? ByteBuffer()
        guard let model, let place = modelPlace else { return body }
        var renamed = ByteBuffer()
        renamed.write(body, 0..<place.range.lowerBound)
        renamed.writeBytes(place.text(of: model))
        renamed.write(body, place.range.upperBound..<bodyBytes)
        return renamed
    }

    // MARK: - Sending

    /// The client's keys, as it sent them.
    var keyLines: ByteBuffer {
        var lines = ByteBuffer()
        lines.write(bytes, marks.keys..<marks.rest)
        return lines
    }

    /// All of it, as this upstream gets it.
    func bytes(with own: UpstreamLines?) -> ByteBuffer {
        guard let own else { return bytes }
        var (start, rest) = parts(with: own)
        start.writeBuffer(&rest)
        return start
    }

    /// The start of the message with an upstream's own lines instead of the client's, and what follows it.
    func parts(with own: UpstreamLines) -> (start: ByteBuffer, rest: ByteBuffer) {
        var start = ByteBufferAllocator().buffer(
            capacity: marks.rest + own.pathPrefix.count + (own.host?.readableBytes ?? 0) + (own.key?.readableBytes ?? 0)
        )
        start.write(bytes, 0..<marks.target)
        // `*` is no path.
        if bytes.readableBytesUInt8Span[marks.target] == UInt8(ascii: "/") { start.writeBytes(own.pathPrefix) }
        start.write(bytes, marks.target..<marks.hosts)
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

    /// All of it, as this upstream gets it, with another name of its model: no byte of the body is copied.
    ///
    /// - Parameter place: where the body names it.
    func pieces(with own: UpstreamLines?, naming model: String, at place: ModelPlace) -> [ByteBuffer] {
        let name = ByteBuffer(bytes: place.text(of: model))
        var start: ByteBuffer
        if let own {
            start = parts(with: own).start
        } else {
            start = ByteBuffer()
            start.write(bytes, 0..<marks.rest)
        }
        writeRest(into: &start, bodyBytes: bodyBytes - place.range.count + name.readableBytes)
        let body = bytes.readerIndex + marks.body
        let behind = place.range.upperBound
        guard let front = bytes.getSlice(at: body, length: place.range.lowerBound),
            let back = bytes.getSlice(at: body + behind, length: bodyBytes - behind)
        else { return [bytes(with: own)] }
        return [start, front, name, back]
    }

    /// The fields that are the same for all upstreams, but for the length of the body: there is one such line, RFC 9112 6.3.
    private func writeRest(into head: inout ByteBuffer, bodyBytes: Int) {
        let source = bytes.readableBytesUInt8Span
        var line = marks.rest
        while line < marks.body, let end = source.index(of: UInt8(ascii: "\n"), from: line) {
            let colon = source.index(of: UInt8(ascii: ":"), from: line) ?? end
            if colon < end, source.extracting(line..<colon).equalsIgnoringCase("content-length") {
                head.writeString("Content-Length: \(bodyBytes)\r\n")
            } else {
                head.write(bytes, line..<end + 1)
            }
            line = end + 1
        }
    }
}
