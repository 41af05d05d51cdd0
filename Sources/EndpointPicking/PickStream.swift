import ExtProcMessages
import HTTP2Front
package import NIOCore
package import NIOHTTP2
package import PickRules

/// A stream on which Envoy asks where one attempt at a request goes, as what serves HTTP/1.1 sees it: a connection with one request,
/// which somebody else carries to a server.
///
/// | what is behind it relies on | and gets |
/// |---|---|
/// | a request's head and body | those that Envoy tells; a body that it doesn't tell isn't there |
/// | ``pick(_:)`` instead of sending | where the request goes |
/// | `write` | an answer of our own, whole: `immediate_response` |
/// | `close` | the end of the stream |
///
/// Belongs to the connection's event loop.
package final class PickStream<Server: PickServer>: ChannelInboundHandler {
    package typealias InboundIn = HTTP2Frame.FramePayload
    package typealias OutboundOut = HTTP2Frame.FramePayload

    private var conversation: PickConversation
    private var messages: GRPCMessages
    private var output = GRPCOutput()
    /// Until the stream is over, or the request goes on elsewhere.
    private var server: Server?
    /// Follows what of the request's body is passed on.
    private var body: RequestBody?
    /// An answer of our own, as far as it is written.
    private var answer = Answer(isForHead: false)
    private var written = ByteBuffer()
    private var response: ProcessingResponse.ImmediateResponse?
    private var context: ChannelHandlerContext?
    private let connection: PickerConnection<Server>
    /// What it is about; nil: its head hasn't come.
    package private(set) var start: PickStart?

    /// - Parameter comesAgain: whether its Envoy sends requests again.
    init(of connection: PickerConnection<Server>, comesAgain: Bool) {
        self.connection = connection
        conversation = PickConversation(comesAgain: comesAgain)
        messages = GRPCMessages(limit: PickerLimits.longestHead)
    }

    // MARK: - What NIO tells us

    package func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
    }

    package func handlerRemoved(context: ChannelHandlerContext) {
        ended()
        self.context = nil
    }

    package func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .data(let data):
            if case .byteBuffer(let bytes) = data.data, bytes.readableBytes > 0 { received(bytes) }
            if data.endStream { inputEnded() }
        case .headers(let headers): if headers.endStream { inputEnded() }
        case .rstStream: ended()
        default: break
        }
    }

    package func channelInactive(context: ChannelHandlerContext) {
        ended(withConnection: true)
        context.fireChannelInactive()
    }

    package func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // NIO closes it then.
        ended()
    }

    private func inputEnded() {
        ended()
        end(.ok)
    }

    private func ended(withConnection: Bool = false) {
        let ending = conversation.ended(withConnection: withConnection)
        server.take()?.pickEnded(ending)
    }

    // MARK: - What Envoy tells

    private func received(_ bytes: ByteBuffer) {
        guard !output.hasEnded else { return }
        messages.append(bytes)
        do {
            while let message = try messages.next() { try received(ProcessingRequest(message)) }
            if messages.unfinishedBytes > 0 { server?.pickGathers() }
        } catch let error as GRPCMessages.Failure {
            switch error {
            case .compressed: fail(.unimplemented, "compressed messages are not understood")
            case .tooLong(let limit): fail(.resourceExhausted, "a message is longer than \(limit) bytes")
            }
        } catch {
            fail(.invalidArgument, "this is no ProcessingRequest")
        }
    }

    private func received(_ request: ProcessingRequest) {
        do throws(PickConversation.Violation) {
            let (event, answers) = try conversation.received(request)
            // First, since what is decided then may be said in one.
            carryOut(event)
            say(answers)
        } catch {
            switch error {
            case .observed: fail(.unimplemented, "observability_mode: nothing can be picked where nobody waits for it")
            case .bodyMode: refuseBodyMode()
            case .unexpected: fail(.invalidArgument, "this is not what comes next")
            }
        }
    }

    private func refuseBodyMode() {
        fail(
            .unimplemented,
            "request_body_mode may be NONE, BUFFERED or FULL_DUPLEX_STREAMED, response_body_mode NONE or FULL_DUPLEX_STREAMED"
        )
    }

    private func carryOut(_ event: PickConversation.Event) {
        switch event {
        case .none: break
        case .begins(let start): begin(start)
        case .body(let bytes, let isLast): pass(bytes, isLast: isLast)
        case .fails(let failure, let details):
            if let server { server.pickFailed(failure, details: details) } else { passOn() }
        case .answers(let status): server?.pickAnswers(status: status)
        case .answered: server.take()?.pickEnded(.answered)
        case .givenUp: server.take()?.pickEnded(.clientLeft)
        }
    }

    // MARK: - The request

    private func begin(_ start: PickStart) {
        self.start = start
        answer = Answer(isForHead: start.head[":method"] == "HEAD")
        if start.body == .told { messages.limit = connection.longestMessage }
        if let awaited = connection.takeAwaited(start, self) {
            server = awaited.server
            awaited.resume()
            return say(conversation.tookHead())
        }
        do throws(MalformedMessage) {
            var fields = RequestFields()
            for field in start.head.fields where PickedHead.keeps(field, start.body) {
                try fields.add(field.name, field.value)
            }
            let (head, body) = try fields.head(endsStream: start.body != .told)
            self.body = body
            let server = connection.serve(self)
            self.server = server
            server.pickOpened()
            server.pickReceived(ByteBuffer(bytes: head))
            say(conversation.tookHead())
        } catch {
            // Without an answer Envoy would take the balancer for away, and ask again and again.
            say(conversation.answer(PickedAnswer.malformed("\(error)")))
            end(.ok)
        }
    }

    private func pass(_ bytes: ByteBuffer, isLast: Bool) {
        // Of a request that goes on it was passed on before.
        guard var body, let server else { return }
        do throws(MalformedMessage) {
            try body.take(bytes.readableBytes, endsStream: isLast)
        } catch {
            return fail(.invalidArgument, "\(error)")
        }
        self.body = body
        guard body.framing == .chunked else {
            if bytes.readableBytes > 0 { server.pickReceived(bytes) }
            return
        }
        if bytes.readableBytes > 0 {
            server.pickReceived(ByteBuffer(string: RequestBody.chunkStart(bytes.readableBytes)))
            server.pickReceived(bytes)
            server.pickReceived(ByteBuffer(string: "\r\n"))
        }
        if isLast { server.pickReceived(ByteBuffer(string: RequestBody.lastChunk)) }
    }

    // MARK: - What is asked from behind

    /// Whether Envoy can be told where the request goes.
    package var takesPick: Bool { conversation.takesPick }

    /// What has come of a message that isn't whole, in bytes.
    package var unfinishedBytes: Int { messages.unfinishedBytes }

    /// Whether Envoy sends the request again if it is told to.
    package var comesAgain: Bool { start?.attemptID != nil }

    /// The Envoy's, in words.
    package var remoteAddress: String? { connection.remoteAddress?.ipAddress }

    package func pick(_ pick: Pick) {
        say(conversation.pick(pick))
    }

    /// The failed attempt is followed by another. The request leaves this stream.
    package func sendAgain() {
        server = nil
        say(conversation.sendAgain())
    }

    /// What came of the failed attempt is its client's answer.
    package func passOn() {
        let (event, answers) = conversation.passOn()
        say(answers)
        carryOut(event)
    }

    /// A part of an answer of our own, in HTTP/1.1.
    package func write(_ bytes: ByteBuffer) {
        guard conversation.takesAnswer else { return }
        written.writeImmutableBuffer(bytes)
        do {
            guard let response = try PickedAnswer.read(&answer, &written, into: &response) else { return }
            say(conversation.answer(response))
        } catch {
            reset()
        }
    }

    /// Nothing more is said.
    package func close() {
        end(.ok)
    }

    /// Ends the stream in a way that can't be taken for its end.
    package func reset() {
        context?.close(promise: nil)
    }

    private func fail(_ status: GRPCStatus, _ message: String) {
        ended()
        end(status, message)
    }

    private func end(_ status: GRPCStatus, _ message: String = "") {
        guard let context else { return }
        output.end(status, message, to: context)
    }

    private func say(_ answers: [ProcessingResponse]) {
        guard let context, !answers.isEmpty else { return }
        for answer in answers { output.write(answer.message, to: context) }
        context.flush()
    }
}
