package import ExtProcMessages
package import NIOCore

/// One stream of `ExternalProcessor/Process`, that is one attempt at a request, as a value: what Envoy tells goes in, and what it
/// is answered comes out.
///
/// Answers may come late: Envoy holds the request until then. What became of it at the server the conversation only passes on;
/// who has leased the server's slot decides.
package struct PickConversation: Sendable {
    package enum Event: Equatable, Sendable {
        case none
        /// The request's head is there.
        case begins(PickStart)
        /// A piece of its body.
        case body(ByteBuffer, isLast: Bool)
        /// The attempt came to nothing, and Envoy waits to be told what its client gets.
        case fails(PickFailure, details: String)
        /// The server answers.
        case answers(status: Int)
        /// The whole answer has passed.
        case answered
        /// Envoy has waited for too long, and told its client so.
        case givenUp
    }

    /// What the end of a stream means.
    package enum Ending: Equatable, Sendable {
        /// Nothing: all was said before.
        case nothing
        /// The client has left: its request waited, or the server was to answer.
        case clientLeft
        /// The answer has come to its end, or the client left in the middle of it: where bodies aren't told, nobody can tell
        /// which.
        case answered
        /// The answer ended before its end.
        case cut
        /// Envoy can't be heard any more, and may carry the answer on by itself.
        case outOfSight
    }

    /// What Envoy said makes no sense here: the stream ends with this.
    package enum Violation: Error, Equatable, Sendable {
        case unexpected
        /// No picker can work with it.
        case observed
        case bodyMode
    }

    private enum State: Equatable {
        case awaitingHead
        /// - Parameter answer: what there is to say already, when the body is whole.
        case readingBody(Pick?)
        case deciding
        case picked
        /// Envoy's own head for a failed attempt is to be answered, and perhaps pieces of a body.
        case judging([ProcessingResponse], ends: Bool)
        case answering
        /// Whatever else comes means nothing.
        case over
    }

    private var state = State.awaitingHead
    private var requestMode = ProcessingRequest.BodyMode.none
    private var responseMode = ProcessingRequest.BodyMode.none
    /// Whether the request's head is still to be answered.
    private var owesHead = false
    private var isBodyTold = false
    /// Whether the body is followed by trailers.
    private var hasTrailers = false
    private let comesAgain: Bool

    /// In bytes: Envoy takes no larger pieces of a body that is full duplex.
    private static let largestPiece = 62_000

    /// - Parameter comesAgain: whether its Envoy sends requests again, by what it says of all its calls.
    package init(comesAgain: Bool) {
        self.comesAgain = comesAgain
    }

    // MARK: - What Envoy tells

    package mutating func received(
        _ request: ProcessingRequest
    ) throws(Violation) -> (event: Event, answers: [ProcessingResponse]) {
        if state == .over { return (.none, []) }
        switch (request.part, state) {
        case (.requestHeaders(let head), .awaitingHead): return (.begins(try begin(head, request)), [])
        case (.requestBody(let bytes, let endsStream), .readingBody):
            let isLast = endsStream || requestMode == .buffered
            return (.body(bytes, isLast: isLast), isLast ? bodyEnds() : [])
        case (.requestTrailers, .readingBody):
            hasTrailers = true
            return (.body(ByteBuffer(), isLast: true), bodyEnds())
        case (.requestTrailers, _): return (.none, [.requestTrailers])
        case (.responseHeaders(let head), .picked): return responseBegins(head, request)
        case (.responseHeaders, .deciding), (.responseHeaders, .readingBody):
            state = .over
            return (.givenUp, [.responseHeaders(.init())])
        case (.responseBody(let bytes, let endsStream), .answering):
            return (endsStream ? responseEnds() : .none, [responsePiece(bytes, endsStream)])
        case (.responseTrailers, .answering):
            return (responseEnds(), [.responseTrailers])
        case (.responseBody(let bytes, let endsStream), .judging(let held, _)):
            state = .judging(held + [responsePiece(bytes, endsStream)], ends: endsStream)
            return (.none, [])
        case (.responseTrailers, .judging(let held, _)):
            state = .judging(held + [.responseTrailers], ends: true)
            return (.none, [])
        default: throw .unexpected
        }
    }

    private mutating func begin(
        _ head: HeaderFields,
        _ request: ProcessingRequest
    ) throws(Violation) -> PickStart {
        guard !request.isObserved else { throw .observed }
        requestMode = request.requestBodyMode ?? .none
        responseMode = request.responseBodyMode
        switch (requestMode, responseMode) {
        case (.none, .none), (.buffered, .none), (.none, .fullDuplex), (.buffered, .fullDuplex),
            (.fullDuplex, .none), (.fullDuplex, .fullDuplex):
            break
        default: throw .bodyMode
        }
        let start = PickStart(head, isBodyTold: requestMode != .none, comesAgain: comesAgain)
        isBodyTold = start.body == .told
        state = isBodyTold ? .readingBody(nil) : .deciding
        owesHead = true
        return start
    }

    /// The head has been looked at, and the body may come.
    package mutating func tookHead() -> [ProcessingResponse] {
        // Where it is full duplex, it comes by itself.
        guard case .readingBody = state, requestMode == .buffered, owesHead else { return [] }
        owesHead = false
        return [.requestHeaders(.init(), destination: nil)]
    }

    private mutating func bodyEnds() -> [ProcessingResponse] {
        guard case .readingBody(let pick) = state else { return [] }
        state = .deciding
        return pick.map { self.pick($0) } ?? []
    }

    private mutating func responseBegins(
        _ head: HeaderFields,
        _ request: ProcessingRequest
    ) -> (event: Event, answers: [ProcessingResponse]) {
        let status = head[":status"].flatMap { Int($0) } ?? 0
        if let failure = PickFailure(status: status, flags: request.responseFlags) {
            state = .judging([], ends: false)
            return (.fails(failure, details: request.responseDetails), [])
        }
        state = .answering
        guard head.endsStream, responseMode == .fullDuplex else {
            return (.answers(status: status), [.responseHeaders(.init())])
        }
        // Without a body nothing more is told of it: the stream's end is the answer's.
        responseMode = .none
        return (.answers(status: status), [.responseHeaders(.init())])
    }

    private func responsePiece(_ bytes: ByteBuffer, _ endsStream: Bool) -> ProcessingResponse {
        var response = ProcessingResponse.CommonResponse()
        if responseMode == .fullDuplex { response.body = .piece(bytes, endsStream: endsStream) }
        return .responseBody(response)
    }

    private mutating func responseEnds() -> Event {
        state = .over
        return .answered
    }

    /// The stream has ended.
    ///
    /// - Parameter withConnection: nobody ended it: the connection to Envoy is gone.
    package mutating func ended(withConnection: Bool = false) -> Ending {
        defer { state = .over }
        switch state {
        case .awaitingHead, .over: return .nothing
        case .readingBody, .deciding, .judging: return .clientLeft
        case .picked: return withConnection ? .outOfSight : .clientLeft
        case .answering where responseMode == .fullDuplex: return .cut
        case .answering: return withConnection ? .outOfSight : .answered
        }
    }

    // MARK: - What Envoy is answered

    /// Whether Envoy can still be told where the request goes.
    package var takesPick: Bool {
        switch state {
        case .readingBody, .deciding: true
        case .awaitingHead, .picked, .judging, .answering, .over: false
        }
    }

    /// Whether an answer of our own can still reach the client.
    package var takesAnswer: Bool {
        switch state {
        case .readingBody, .deciding, .judging: true
        case .awaitingHead, .picked, .answering, .over: false
        }
    }

    package mutating func pick(_ pick: Pick) -> [ProcessingResponse] {
        switch state {
        case .readingBody:
            state = .readingBody(pick)
            return []
        case .deciding:
            state = .picked
            return answers(pick)
        case .awaitingHead, .picked, .judging, .answering, .over:
            return []
        }
    }

    private mutating func answers(_ pick: Pick) -> [ProcessingResponse] {
        var response = ProcessingResponse.CommonResponse()
        response.set = [.init(ProcessingResponse.destinationField, pick.destination)] + pick.set
        response.remove = pick.remove
        if isBodyTold, requestMode == .fullDuplex, !hasTrailers {
            // Otherwise the server gets chunks.
            response.set.append(.init("content-length", String(pick.body?.readableBytes ?? 0)))
        }
        response.clearsRouteCache = true
        guard owesHead else {
            if let body = pick.body { response.body = .whole(body) }
            return [.requestBody(response, destination: pick.destination)]
        }
        owesHead = false
        let head = ProcessingResponse.requestHeaders(response, destination: pick.destination)
        guard isBodyTold, requestMode == .fullDuplex else { return [head] }
        return [head] + pieces(of: pick.body ?? ByteBuffer())
    }

    private func pieces(of body: ByteBuffer) -> [ProcessingResponse] {
        var rest = body
        var pieces: [ProcessingResponse] = []
        repeat {
            let piece = rest.readSlice(length: min(rest.readableBytes, Self.largestPiece)) ?? ByteBuffer()
            var response = ProcessingResponse.CommonResponse()
            response.body = .piece(piece, endsStream: rest.readableBytes == 0 && !hasTrailers)
            pieces.append(.requestBody(response, destination: nil))
        } while rest.readableBytes > 0
        return hasTrailers ? pieces + [.requestTrailers] : pieces
    }

    /// The client gets an answer of our own.
    package mutating func answer(_ response: ProcessingResponse.ImmediateResponse) -> [ProcessingResponse] {
        guard takesAnswer else { return [] }
        state = .over
        return [.immediate(response)]
    }

    /// A failed attempt is followed by another, on a stream of its own.
    package mutating func sendAgain() -> [ProcessingResponse] {
        guard case .judging = state else { return [] }
        state = .over
        var response = ProcessingResponse.CommonResponse()
        response.set = [.init(PickStart.againField, "1")]
        return [.responseHeaders(response)]
    }

    /// What came of a failed attempt is the answer.
    package mutating func passOn() -> (event: Event, answers: [ProcessingResponse]) {
        guard case .judging(let held, let ends) = state else { return (.none, []) }
        state = .answering
        return (ends ? responseEnds() : .none, [.responseHeaders(.init())] + held)
    }
}
