// Hot path: `write` runs for every relayed chunk. Nothing here may allocate per chunk or wait, but for what NIO's frames take.

import HTTPFraming
package import NIOCore
import NIOHPACK
import NIOHTTP2

/// What serves HTTP/1.1 behind a stream of HTTP/2.
package protocol StreamServer: AnyObject {
    /// The stream carries it: the request's head follows.
    func streamOpened()

    /// Head and body in HTTP/1.1; trailers in the last chunk.
    func streamReceived(_ bytes: ByteBuffer)

    /// Whether it takes more than it has got: its client may go on sending only then. If it says no, it calls
    /// ``HTTP2Stream/read()`` later.
    func streamMayRead() -> Bool

    /// By its client's window, and its connection.
    func streamWritabilityChanged(_ isWritable: Bool)

    /// Closed by both ends, by RST_STREAM or with its connection. The last that is heard of it.
    func streamClosed()
}

/// A stream of HTTP/2 as what serves HTTP/1.1 sees it: a connection with one request.
///
/// | what is behind it relies on | and gets |
/// |---|---|
/// | the client's half-closure | never: the end of the request is no sign that the client has left |
/// | `write` | frames; what an answer has of HTTP/1.1 alone is left out |
/// | `shutOutput`, `close` | END_STREAM behind a whole answer; RST_STREAM for one that was cut |
/// | resetting the socket | ``reset()`` |
/// | the socket's options | ``unsentBytes`` |
///
/// Belongs to the connection's event loop.
package final class HTTP2Stream<Server: StreamServer> {
    private enum State {
        /// The request goes on, or is answered.
        case open(RequestBody)
        /// The answer is whole and nothing more of the request is wanted, as soon as the client has been sent it all.
        case finishing
        /// RST_STREAM is sent.
        case reset
        case closed
    }

    let id: HTTP2StreamID
    private var state: State
    /// Until it is closed.
    private var server: Server?
    /// Whether that has been given its head.
    private var isPassedOn = false
    private var answer: Answer
    /// A part of an answer's head.
    private var partOfHead: ByteBuffer?
    /// HEADERS that end the stream. They are kept until it is flushed, since they close it at once, in the middle of what is written.
    private var lastHeaders: HPACKHeaders?
    private var output: StreamOutput
    /// How much its client may send, when that was last said.
    private var window = HTTP2Limits.window.stream
    private var whenSent: (() -> Void)?
    private let connection: HTTP2Connection<Server>

    init(_ id: HTTP2StreamID, _ body: RequestBody, isForHead: Bool, of connection: HTTP2Connection<Server>) {
        self.id = id
        self.connection = connection
        state = .open(body)
        answer = Answer(isForHead: isForHead)
        output = StreamOutput(connectionIsWritable: connection.isWritable)
    }

    // MARK: - What is asked from behind

    /// Whether its client takes what is written as fast as it is.
    package var isWritable: Bool { output.isWritable }

    /// Ends the stream in a way that can't be taken for the end of an answer.
    package func reset() {
        // RFC 9113 8.7: nothing of it was looked at, and the client may ask again.
        end(isPassedOn ? .internalError : .refusedStream)
    }

    /// What the client has yet to take, in bytes: because its window is closed, or because it doesn't read.
    package var unsentBytes: Int {
        connection.isWritable ? output.unsent : output.unsent + connection.unsentBytes
    }

    /// The connection's.
    package var connectionChannel: (any Channel)? { connection.channel }

    // MARK: - The request

    /// - Parameter head: of the request, in HTTP/1.1.
    func open(_ server: Server, head: ByteBuffer) {
        self.server = server
        server.streamOpened()
        guard case .open = state else { return }
        isPassedOn = true
        pass(head)
    }

    func receive(_ trailers: HTTP2Frame.FramePayload.Headers) {
        guard case .open(var body) = state else { return }
        do throws(MalformedMessage) {
            let fields = trailers.headers.lazy.map { (name: $0.name, value: $0.value) }
            let end = try body.end(with: fields, endsStream: trailers.endStream)
            state = .open(body)
            if !end.isEmpty { pass(ByteBuffer(bytes: end)) }
        } catch {
            refuse()
        }
    }

    func receive(_ data: HTTP2Frame.FramePayload.Data) {
        guard case .open(var body) = state, case .byteBuffer(let bytes) = data.data else { return }
        do throws(MalformedMessage) {
            try body.take(bytes.readableBytes, endsStream: data.endStream)
        } catch {
            return refuse()
        }
        state = .open(body)
        guard body.framing == .chunked else { return pass(bytes) }
        if bytes.readableBytes > 0 {
            pass(ByteBuffer(string: RequestBody.chunkStart(bytes.readableBytes)))
            pass(bytes)
            pass(ByteBuffer(string: "\r\n"))
        }
        if data.endStream { pass(ByteBuffer(string: RequestBody.lastChunk)) }
    }

    /// What the client sends is malformed.
    private func refuse() {
        end(.protocolError)
        connection.sawMalformedMessage()
    }

    /// Whatever was passed before may have ended the stream.
    private func pass(_ bytes: ByteBuffer) {
        guard case .open = state, bytes.readableBytes > 0 else { return }
        server?.streamReceived(bytes)
    }

    /// The client may send so much more, in bytes.
    func windowBecame(_ window: Int) {
        self.window = window
        read()
    }

    /// Has the client go on sending, if it has used up much of what it may send.
    package func read() {
        guard case .open(let body) = state, !body.isComplete,
            let increment = HTTP2Limits.increment(of: window, to: HTTP2Limits.window.stream),
            server?.streamMayRead() == true
        else { return }
        connection.write(.windowUpdate(windowSizeIncrement: increment), on: id)
        connection.flush()
    }

    // MARK: - The answer

    package func write(_ buffer: ByteBuffer) {
        guard case .open = state else { return }
        var bytes = buffer
        if var part = partOfHead.take() {
            part.writeBuffer(&bytes)
            bytes = part
        }
        do {
            try translate(&bytes)
        } catch {
            end(.internalError)
        }
    }

    private func translate(_ bytes: inout ByteBuffer) throws {
        // Of several chunks: a frame costs more than a copy.
        var payload = ByteBuffer()
        while bytes.readableBytes > 0 {
            switch try answer.next(bytes.readableBytesUInt8Span) {
            case .needMore:
                partOfHead = bytes
                return
            case .head(let length, _, let endsStream):
                let headers = answer.headers(in: bytes.readableBytesUInt8Span)
                bytes.moveReaderIndex(forwardBy: length)
                write(headers, endsStream: endsStream)
            case .data(let range, let endsStream):
                guard let piece = bytes.viewSlice(range) else { return }
                bytes.moveReaderIndex(forwardBy: range.upperBound)
                if payload.readableBytes == 0 { payload = piece } else { payload.writeImmutableBuffer(piece) }
                if endsStream { write(payload.takeAll(), endsStream: true) }
            case .framing(let count):
                bytes.moveReaderIndex(forwardBy: count)
            case .end(let count, let hasTrailers):
                bytes.moveReaderIndex(forwardBy: count)
                if hasTrailers {
                    if payload.readableBytes > 0 { write(payload.takeAll(), endsStream: false) }
                    write(answer.trailers, endsStream: true)
                } else {
                    write(payload.takeAll(), endsStream: true)
                }
            case .excess:
                throw MoreThanAnswer()
            }
        }
        if payload.readableBytes > 0 { write(payload, endsStream: false) }
    }

    private func write(_ headers: HPACKHeaders, endsStream: Bool) {
        wrote(unsent: StreamOutput.weightOfHeaders)
        guard !endsStream else { return lastHeaders = headers }
        connection.write(.headers(.init(headers: headers)), on: id)
    }

    private func write(_ bytes: ByteBuffer, endsStream: Bool) {
        let data = HTTP2Frame.FramePayload.Data(data: .byteBuffer(bytes), endStream: endsStream)
        wrote(unsent: StreamOutput.weight(of: data))
        connection.write(.data(data), on: id)
    }

    private func wrote(unsent weight: Int) {
        if output.wrote(weight) { server?.streamWritabilityChanged(false) }
    }

    package func flush() {
        if let headers = lastHeaders.take() {
            connection.write(.headers(.init(headers: headers, endStream: true)), on: id)
        }
        connection.flush()
        if output.unsent == 0 { sentAll() }
    }

    // MARK: - What has gone out

    /// - Parameter body: is called when the client has been sent everything, or never will be.
    package func whenSent(_ body: @escaping () -> Void) {
        let former = whenSent
        whenSent = {
            former?()
            body()
        }
        flush()
    }

    /// A frame of this weight has gone to the connection. Called in the middle of NIO's work on it: nothing may be written now.
    func sent(_ weight: Int) {
        if output.sent(weight) { connection.becomesWritable(self) }
        guard output.unsent == 0 else { return }
        switch state {
        case .finishing: break
        case .open, .reset, .closed: if whenSent == nil { return }
        }
        connection.later { [self] in
            if output.unsent == 0 { sentAll() }
        }
    }

    private func sentAll() {
        whenSent.take()?()
        if case .finishing = state { end(.noError) }
    }

    func connectionBecame(isWritable: Bool) {
        guard output.connectionBecame(isWritable: isWritable) else { return }
        if isWritable { connection.becomesWritable(self) } else { server?.streamWritabilityChanged(false) }
    }

    /// It may have changed again meanwhile.
    func tellIfWritable() {
        if output.isWritable { server?.streamWritabilityChanged(true) }
    }

    // MARK: - The end

    /// Nothing more is written. What still waits for its client goes on waiting.
    package func shutOutput() {
        close(atOnce: false)
    }

    /// Nothing more is written, and what still waits for its client has waited long enough.
    package func close() {
        close(atOnce: true)
    }

    private func close(atOnce: Bool) {
        guard case .open(let body) = state else {
            if case .finishing = state, atOnce { end(.internalError) }
            return
        }
        switch answer.end() {
        case .cut:
            reset()
        case .ends:
            write(ByteBuffer(), endsStream: true)
            finish(body)
        case .ended:
            if atOnce, output.unsent > 0 { return end(.internalError) }
            finish(body)
        }
    }

    /// The answer is whole.
    private func finish(_ body: RequestBody) {
        // RFC 9113 8.1: the rest of the request isn't wanted, and the client isn't to take it for a failure.
        if !body.isComplete { state = .finishing }
        flush()
    }

    /// What was written of it can't be sent.
    func failed() {
        end(.internalError)
    }

    private func end(_ code: HTTP2ErrorCode) {
        switch state {
        case .open, .finishing: break
        case .reset, .closed: return
        }
        state = .reset
        connection.write(.rstStream(code), on: id)
        connection.flush()
    }

    func closed() {
        state = .closed
        whenSent.take()?()
        server.take()?.streamClosed()
    }
}

private struct MoreThanAnswer: Error {}

extension ByteBuffer {
    /// A part of it, given relative to its readable bytes.
    fileprivate func viewSlice(_ range: Range<Int>) -> ByteBuffer? {
        getSlice(at: readerIndex + range.lowerBound, length: range.count)
    }

    fileprivate mutating func takeAll() -> ByteBuffer {
        defer { self = ByteBuffer() }
        return self
    }
}
