import ExtProcMessages
import NIOCore
import Testing

@testable import PickRules

/// One attempt at a request, from Envoy's first message to the end of its stream.
@Suite("A conversation with Envoy about one attempt")
struct PickConversationTests {
    typealias Body = ProcessingRequest.BodyMode

    private static let head = HeaderFields(
        [.init(":method", "POST"), .init("x-paddler-request", "r1")],
        endsStream: false
    )

    private func begin(
        _ request: Body? = nil,
        _ response: Body = .none,
        head: HeaderFields = head
    ) throws -> PickConversation {
        var conversation = PickConversation(comesAgain: true)
        var first = ProcessingRequest(.requestHeaders(head))
        first.requestBodyMode = request
        first.responseBodyMode = response
        let (event, answers) = try conversation.received(first)
        guard case .begins = event else { throw Unexpected() }
        #expect(answers.isEmpty)
        return conversation
    }

    private struct Unexpected: Error {}

    private func head(_ status: Int, flags: UInt64 = 0, endsStream: Bool = false) -> ProcessingRequest {
        var request = ProcessingRequest(
            .responseHeaders(HeaderFields([.init(":status", "\(status)")], endsStream: endsStream))
        )
        request.responseFlags = flags
        request.responseDetails = "why"
        return request
    }

    private func picked(_ request: Body? = nil, _ response: Body = .none) throws -> PickConversation {
        var conversation = try begin(request, response)
        if let request, request != .none {
            _ = conversation.tookHead()
            _ = try conversation.received(ProcessingRequest(.requestBody(ByteBuffer(string: "ab"), endsStream: true)))
        }
        #expect(!conversation.pick(Pick("10.0.0.1:80")).isEmpty)
        return conversation
    }

    // MARK: - Where it goes

    @Test("where bodies aren't told, it is answered as soon as there is somewhere to go, and once")
    func headOnly() throws {
        var conversation = try begin()
        #expect(conversation.tookHead().isEmpty)
        #expect(conversation.takesPick)
        var pick = Pick("10.0.0.1:80")
        pick.set = [.init("authorization", "Bearer k")]
        pick.remove = ["x-paddler-agent"]
        var expected = ProcessingResponse.CommonResponse()
        expected.set = [.init("x-gateway-destination-endpoint", "10.0.0.1:80"), .init("authorization", "Bearer k")]
        expected.remove = ["x-paddler-agent"]
        expected.clearsRouteCache = true
        #expect(conversation.pick(pick) == [.requestHeaders(expected, destination: "10.0.0.1:80")])
        #expect(!conversation.takesPick)
        #expect(conversation.pick(pick).isEmpty)
    }

    @Test("a body that is buffered is asked for, and answered by where the request goes")
    func buffered() throws {
        var conversation = try begin(.buffered)
        #expect(conversation.tookHead() == [.requestHeaders(.init(), destination: nil)])
        let (event, _) = try conversation.received(
            ProcessingRequest(.requestBody(ByteBuffer(string: "ab"), endsStream: false))
        )
        // Envoy says nothing more of it.
        #expect(event == .body(ByteBuffer(string: "ab"), isLast: true))
        var pick = Pick("10.0.0.1:80")
        pick.body = ByteBuffer(string: "abc")
        guard case .requestBody(let response, "10.0.0.1:80")? = conversation.pick(pick).first else {
            throw Unexpected()
        }
        #expect(response.body == .whole(ByteBuffer(string: "abc")))
    }

    @Test(
        "a request without a body is answered at once, whatever is told of bodies",
        arguments: [Body.buffered, .fullDuplex]
    )
    func withoutBody(mode: Body) throws {
        var conversation = try begin(mode, head: HeaderFields([.init(":method", "GET")], endsStream: true))
        #expect(conversation.tookHead().isEmpty)
        let answers = conversation.pick(Pick("[::1]:80"))
        #expect(answers.count == 1)
        guard case .requestHeaders(_, "[::1]:80")? = answers.first else { throw Unexpected() }
    }

    @Test(
        "a full-duplex body is taken first, and goes back in pieces that Envoy takes",
        arguments: [0, 1, 62_000, 62_001, 3_000_000]
    )
    func fullDuplex(size: Int) throws {
        var conversation = try begin(.fullDuplex)
        #expect(conversation.tookHead().isEmpty)
        let body = ByteBuffer(repeating: 7, count: size)
        let (event, _) = try conversation.received(ProcessingRequest(.requestBody(body, endsStream: true)))
        #expect(event == .body(body, isLast: true))
        var pick = Pick("10.0.0.1:80")
        pick.body = body
        let answers = conversation.pick(pick)
        guard case .requestHeaders(let head, _)? = answers.first else { throw Unexpected() }
        #expect(head.set.contains(.init("content-length", "\(size)")))
        var sent = ByteBuffer()
        var ends: [Bool] = []
        for answer in answers.dropFirst() {
            guard case .requestBody(let response, nil) = answer, case .piece(let piece, let isLast)? = response.body
            else { throw Unexpected() }
            #expect(piece.readableBytes <= 62_000)
            sent.writeImmutableBuffer(piece)
            ends.append(isLast)
        }
        #expect(sent == body)
        #expect(ends.last == true && ends.dropLast().allSatisfy { !$0 })
    }

    @Test("a place that is known before the body has come is said when it has")
    func pickedEarly() throws {
        var conversation = try begin(.buffered)
        _ = conversation.tookHead()
        #expect(conversation.pick(Pick("10.0.0.1:80")).isEmpty)
        let (_, answers) = try conversation.received(ProcessingRequest(.requestBody(ByteBuffer(), endsStream: true)))
        guard case .requestBody(_, "10.0.0.1:80")? = answers.first else { throw Unexpected() }
    }

    @Test("an answer of our own may come until there is somewhere to go, and nothing behind it")
    func ownAnswer() throws {
        let response = ProcessingResponse.ImmediateResponse(status: 429)
        var conversation = try begin(.fullDuplex)
        #expect(conversation.answer(response) == [.immediate(response)])
        #expect(conversation.answer(response).isEmpty)
        #expect(conversation.pick(Pick("10.0.0.1:80")).isEmpty)
        let (event, answers) = try conversation.received(
            ProcessingRequest(.requestBody(ByteBuffer(), endsStream: true))
        )
        #expect(event == .none && answers.isEmpty)
        #expect(conversation.ended() == .nothing)
        var other = try picked()
        #expect(other.answer(response).isEmpty)
    }

    // MARK: - What becomes of it

    @Test(
        "what Envoy says of an attempt, by its response's flags",
        arguments: [
            (503, 0x20, PickFailure.notConnected), (503, 0x02, .notConnected), (503, 0x80, .envoyIsFull),
            (503, 0x40, .brokenOff), (503, 0x10, .brokenOff), (502, 0x80_0000, .brokenOff), (503, 0, .unavailable),
            (200, 0, nil), (404, 0, nil), (500, 0, nil), (502, 0, nil), (504, 0x04, nil),
        ] as [(Int, UInt64, PickFailure?)]
    )
    func failures(status: Int, flags: UInt64, failure: PickFailure?) throws {
        var conversation = try picked()
        let (event, answers) = try conversation.received(head(status, flags: flags))
        if let failure {
            #expect(event == .fails(failure, details: "why"))
            #expect(answers.isEmpty && conversation.takesAnswer && !conversation.takesPick)
        } else {
            #expect(event == .answers(status: status))
            #expect(answers == [.responseHeaders(.init())] && !conversation.takesAnswer)
        }
    }

    @Test("a failed attempt is followed by another, an answer of ours, or what it brought")
    func afterFailure() throws {
        var again = try picked()
        _ = try again.received(head(503, flags: 0x20))
        var expected = ProcessingResponse.CommonResponse()
        expected.set = [.init("x-paddler-again", "1")]
        #expect(again.sendAgain() == [.responseHeaders(expected)])
        #expect(again.ended() == .nothing)

        var answered = try picked()
        _ = try answered.received(head(503, flags: 0x20))
        #expect(answered.answer(.init(status: 502)) == [.immediate(.init(status: 502))])

        var passed = try picked()
        _ = try passed.received(head(503))
        let (event, answers) = passed.passOn()
        #expect(event == .none && answers == [.responseHeaders(.init())])
        #expect(passed.ended() == .answered)
    }

    @Test("what follows the head of a failed attempt waits with it")
    func bodyOfFailure() throws {
        var conversation = try picked(.fullDuplex, .fullDuplex)
        _ = try conversation.received(head(503))
        let body = ByteBuffer(string: "not now")
        let (event, answers) = try conversation.received(ProcessingRequest(.responseBody(body, endsStream: true)))
        #expect(event == .none && answers.isEmpty)
        var piece = ProcessingResponse.CommonResponse()
        piece.body = .piece(body, endsStream: true)
        let passed = conversation.passOn()
        #expect(passed.event == .answered)
        #expect(passed.answers == [.responseHeaders(.init()), .responseBody(piece)])
        #expect(conversation.ended() == .nothing)
    }

    @Test("pieces of a full-duplex answer go back as they came, and its end is told")
    func answer() throws {
        var conversation = try picked(.fullDuplex, .fullDuplex)
        _ = try conversation.received(head(200))
        for (text, isLast) in [("data: 1", false), ("", true)] {
            var piece = ProcessingResponse.CommonResponse()
            piece.body = .piece(ByteBuffer(string: text), endsStream: isLast)
            let (event, answers) = try conversation.received(
                ProcessingRequest(.responseBody(ByteBuffer(string: text), endsStream: isLast))
            )
            #expect(event == (isLast ? .answered : .none))
            #expect(answers == [.responseBody(piece)])
        }
    }

    // MARK: - How it ends

    @Test("the end of a stream means what its state says")
    func endings() throws {
        var nothing = PickConversation(comesAgain: true)
        #expect(nothing.ended() == .nothing)
        var queued = try begin()
        #expect(queued.ended() == .clientLeft)
        var reading = try begin(.fullDuplex)
        #expect(reading.ended() == .clientLeft)
        var sent = try picked()
        #expect(sent.ended() == .clientLeft)
        var judging = try picked()
        _ = try judging.received(head(503, flags: 0x40))
        #expect(judging.ended() == .clientLeft)
        // Nobody can tell whether it is whole.
        var answering = try picked()
        _ = try answering.received(head(200))
        #expect(answering.ended() == .answered)
        #expect(answering.ended() == .nothing)
        var cut = try picked(.fullDuplex, .fullDuplex)
        _ = try cut.received(head(200))
        #expect(cut.ended() == .cut)
        var bodiless = try picked(.fullDuplex, .fullDuplex)
        _ = try bodiless.received(head(204, endsStream: true))
        #expect(bodiless.ended() == .answered)
    }

    @Test(
        "where Envoy itself can't be heard any more, it may bring an answer to its end, unless that goes through here"
    )
    func connectionLost() throws {
        var queued = try begin()
        #expect(queued.ended(withConnection: true) == .clientLeft)
        var sent = try picked()
        #expect(sent.ended(withConnection: true) == .outOfSight)
        var answering = try picked()
        _ = try answering.received(head(200))
        #expect(answering.ended(withConnection: true) == .outOfSight)
        var through = try picked(.fullDuplex, .fullDuplex)
        _ = try through.received(head(200))
        #expect(through.ended(withConnection: true) == .cut)
    }

    @Test("Envoy's own end of a wait is passed on, and nothing is sent any more")
    func timeout() throws {
        var conversation = try begin()
        let (event, answers) = try conversation.received(head(504))
        #expect(event == .givenUp && answers == [.responseHeaders(.init())])
        #expect(conversation.pick(Pick("10.0.0.1:80")).isEmpty)
        #expect(conversation.ended() == .nothing)
    }

    @Test("what nobody can pick for is refused", arguments: [Body.streamed, .bufferedPartially, .grpc])
    func modes(mode: Body) {
        #expect(throws: PickConversation.Violation.bodyMode) { _ = try begin(mode) }
        #expect(throws: PickConversation.Violation.bodyMode) { _ = try begin(Body.none, mode) }
        var observed = ProcessingRequest(.requestHeaders(Self.head))
        observed.isObserved = true
        var conversation = PickConversation(comesAgain: true)
        #expect(throws: PickConversation.Violation.observed) { _ = try conversation.received(observed) }
    }

    @Test("what comes out of turn is refused")
    func outOfTurn() throws {
        var conversation = PickConversation(comesAgain: true)
        #expect(throws: PickConversation.Violation.unexpected) { _ = try conversation.received(head(200)) }
        var begun = try begin()
        #expect(throws: PickConversation.Violation.unexpected) {
            _ = try begun.received(ProcessingRequest(.requestHeaders(Self.head)))
        }
    }

    @Test(
        "an attempt is another one only if Envoy says whose",
        arguments: [("r1", "2", true), ("r1", "1", false), ("r1", nil, false), (nil, "2", false), ("", "2", false)]
            as [(String?, String?, Bool)]
    )
    func attempts(id: String?, count: String?, isAgain: Bool) {
        var fields: [HeaderFields.Field] = []
        if let id { fields.append(.init("x-paddler-request", id)) }
        if let count { fields.append(.init("x-envoy-attempt-count", count)) }
        let head = HeaderFields(fields, endsStream: true)
        #expect(PickStart(head, isBodyTold: false, comesAgain: true).isAgain == isAgain)
        // Where it doesn't say so of all its calls, a client may have written all that.
        let gateways = PickStart(head, isBodyTold: false, comesAgain: false)
        #expect(!gateways.isAgain && gateways.attemptID == nil)
    }
}
