import AccessControl
import HTTPFraming
import LlamaServer
import NIOCore
import ProxyExchange
import RequestRecords
import Scheduling
import TransportSecurity

extension ClientConnection {
    /// Uses what was received, as far as the state allows: pipelined requests wait until the one before is answered.
    func process() {
        // An answer given while reading ends in here again; the loop below goes on by itself.
        guard !isProcessing else { return }
        isProcessing = true
        while !received.isEmpty, makesProgress() {}
        isProcessing = false
        received.trim(into: &loop.spareBuffers)
        guard !countHeldBytes() else { return endAfterLastRequest() }
        switch link.phase {
        case .idle, .readingHead, .readingBody: refuseUnfinished(tooManyBytesHeld)
        // What is pipelined behind a request is bounded for each connection.
        case .exchanging, .closing, .lingering, .closed: break
        }
    }

    private func makesProgress() -> Bool {
        switch link.use(isWritable: isWritable) {
        case .head: readHead()
        case .body: readBody()
        case nil: false
        }
    }

    // MARK: - Head

    private func readHead() -> Bool {
        let source = received.bytes
        do {
            guard try head.parse(source.readableBytesUInt8Span) else {
                link.headIsIncomplete(at: Instant(loop.sweptAt))
                return false
            }
        } catch {
            if error == .controlCharacter, let first = source.readableBytesView.first, ConnectionStart(first) == .tls {
                refuseUnfinished(.withTLS)
            } else {
                refuseUnreadable(error)
            }
            return false
        }
        begin()
        return true
    }

    private func begin() {
        let id = loop.beginRequest()
        let source = received.bytes
        let kind = Endpoint.classify(
            isPost: head.method == .post,
            path: source.readableBytesUInt8Span.extracting(ownPath)
        )
        var dialect: Dialect?
        if case .slot(let spoken) = kind { dialect = spoken }
        let identifier = givenIdentifier() ?? loop.makeIdentifier()
        request = ProxiedRequest(
            id: id,
            identifier: identifier,
            method: head.method,
            version: head.version,
            dialect: dialect,
            keepsAlive: head.keepsAlive,
            isLast: !head.keepsAlive,
            isTraced: isTraced,
            isExplained: loop.configuration.explainsAnswers || asksForExplanation
        )
        exchange = Exchange(
            id,
            isSlotless: dialect == nil,
            isIdempotent: head.method.isIdempotent,
            loop.exchangeLimits
        )
        beginRecord(identifier)
        request.origin = givenOrigin
        if let answer = ownAnswer(to: kind) ?? refusalOfBody() {
            let body = head.body
            // What follows a CONNECT may be meant for the tunnel, RFC 9110 9.3.6.
            let isForTunnel = head.method == .connect && hasBody
            consumeHead()
            return self.answer(answer, unread: isForTunnel || !skip(body))
        }
        if gather(kind) { return }
        if !hasBody || request.ownership != nil { request.demand.model = modelInQuery }
        request.session = sessionInHead
        if isBodyUntold { request.toldModel = modelInHead }
        writeHead()
        bodyFramer = BodyFramer(head.body)
        let expectsContinue = head.expectsContinue
        consumeHead()
        link.bodyGoesOn(at: Instant(loop.sweptAt))
        if bodyFramer.isComplete { return requestEnded() }
        bodyPace = BodyPace(since: loop.sweptAt)
        if expectsContinue, received.isEmpty {
            write(ByteBuffer(staticString: Self.continueHead))
        }
    }

    private var sessionInHead: SessionKey? {
        guard case .sessions = loop.dispatcher.promptSeeding.reading else { return nil }
        let bytes = received.bytes
        let head = bytes.readableBytesUInt8Span
        guard let name = loop.configuration.sessionNaming.value(in: self.head, head) else { return nil }
        return loop.dispatcher.promptSeeding.reading.session(head.extracting(name))
    }

    /// As what reads bodies in front of an endpoint picker writes it.
    private var modelInHead: String? {
        let bytes = received.bytes
        let value = head.value(of: Array("x-gateway-model-name".utf8), in: bytes.readableBytesUInt8Span)
        return value.map { String(decoding: bytes.readableBytesView[relative: $0], as: UTF8.self) }
    }

    var modelInQuery: String? { modelsInQuery.last }

    /// In the order in which they are named.
    var modelsInQuery: [String] {
        guard head.pathAndQuery.count > head.path.count else { return [] }
        let source = received.bytes
        return Endpoint.models(
            inQuery: source.readableBytesUInt8Span.extracting(head.path.upperBound..<head.pathAndQuery.upperBound)
        )
    }

    static let continueHead: StaticString = "HTTP/1.1 100 Continue\r\n\r\n"

    /// Passes over the body of a refused request, if all of it is here.
    ///
    /// - Returns: false if it isn't: where the next request begins can't be known.
    private func skip(_ body: BodyFraming) -> Bool {
        var framer = BodyFramer(body)
        let bytes = received.bytes
        guard let (count, isComplete) = try? framer.advance(bytes.readableBytesUInt8Span), isComplete else {
            return false
        }
        received.use(count)
        return true
    }

    /// The path as the balancer knows it: without the prefix of an upstream, which the client may have written. Each upstream
    /// gets its own one in front of it.
    var ownPath: Range<Int> {
        guard !loop.pathPrefixes.isEmpty else { return head.path }
        let source = received.bytes
        let path = source.readableBytesUInt8Span.extracting(head.path)
        // Where `/v1` is a prefix, `/v1/chat/completions` is still that.
        guard Endpoint.classify(isPost: head.method == .post, path: path) == .free else { return head.path }
        for prefix in loop.pathPrefixes where Endpoint.hasPrefix(prefix, path) {
            return (head.path.lowerBound + prefix.count)..<head.path.upperBound
        }
        return head.path
    }

    func consumeHead() {
        received.use(head.length)
        head.reset()
    }

    private func givenIdentifier() -> RequestIdentifier? {
        guard let line = head.first(.requestID) else { return nil }
        let source = received.bytes
        return source.getSlice(at: source.readerIndex + line.value.lowerBound, length: line.value.count)
            .flatMap(RequestIdentifier.init(given:))
    }

    /// Of the page that asks, if one does.
    private var givenOrigin: [UInt8]? {
        guard let line = head.first(.origin) else { return nil }
        return Array(received.bytes.readableBytesView[relative: line.value].prefix(Self.longestOrigin))
    }

    /// In bytes: a scheme, a name (RFC 1035 3.1) and a port. A longer one is that of no page.
    private static let longestOrigin = 300

    /// Why a body of the length that is announced can't be held. None of it is counted before it is here.
    private func refusalOfBody() -> LocalAnswer? {
        guard case .length(let length) = head.body else { return nil }
        guard length <= loop.configuration.maximumBodyBytes else { return bodyTooLarge }
        return loop.budget.hasRoom(for: Int(length)) ? nil : tooManyBytesHeld
    }

    private var bodyTooLarge: LocalAnswer { .bodyTooLarge(limit: loop.configuration.maximumBodyBytes) }
    var tooManyBytesHeld: LocalAnswer { .tooManyBytesHeld(limit: loop.budget.limit) }

    // MARK: - Body

    private func readBody() -> Bool {
        let source = received.bytes
        var offset = 0
        do {
            while true {
                switch try bodyFramer.next(source.readableBytesUInt8Span, from: offset) {
                case .data(let range):
                    guard take(range, of: source) else { return false }
                    offset = range.upperBound
                case .needMore:
                    link.bodyGoesOn(at: Instant(loop.sweptAt))
                    received.useAll()
                    return true
                case .end(let end):
                    received.use(end)
                    request.message?.end()
                    requestEnded()
                    return true
                }
            }
        } catch {
            refuseUnreadable(error)
            return false
        }
    }

    /// - Returns: false if it was too much.
    private func take(_ range: Range<Int>, of source: ByteBuffer) -> Bool {
        // Never through a copy of the request: a body that is held twice is copied before each write to it.
        let taken = request.message?.bodyBytes ?? 0
        guard taken + range.count <= loop.configuration.maximumBodyBytes else {
            answer(bodyTooLarge, unread: true)
            return false
        }
        request.message?.append(source, range)
        bodyPace.received(range.count)
        return true
    }

    private func requestEnded() {
        record.requestBytes += request.message?.bodyBytes ?? 0
        guard countHeldBytes() else { return answer(tooManyBytesHeld) }
        submit()
    }

    // MARK: - What can't be read

    /// Where its messages begin and end can't be known any more: the connection ends.
    private func refuseUnreadable(_ error: FramingError) {
        refuseUnfinished(LocalAnswer(error))
    }

    /// The rest of a request can't be read, or doesn't come.
    func refuseUnfinished(_ refusal: LocalAnswer) {
        if !hasRequest {
            let id = loop.beginRequest()
            let identifier = loop.makeIdentifier()
            startRecord(identifier)
            request = ProxiedRequest(
                id: id,
                identifier: identifier,
                method: .get,
                version: .http11,
                dialect: nil,
                keepsAlive: false,
                isLast: true
            )
        }
        answer(refusal, unread: true)
    }
}

extension ByteBufferView {
    subscript(relative range: Range<Int>) -> ByteBufferView {
        self[startIndex + range.lowerBound..<startIndex + range.upperBound]
    }
}
