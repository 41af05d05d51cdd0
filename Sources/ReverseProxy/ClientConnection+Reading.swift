import AccessControl
import HTTPFraming
import LlamaServer
import NIOCore
import Scheduling

extension ClientConnection {
    /// Uses what was received, as far as the state allows: pipelined requests wait until the one before is answered.
    func process() {
        // An answer given while reading ends in here again; the loop below goes on by itself.
        guard !isProcessing else { return }
        isProcessing = true
        defer { isProcessing = false }

        while received.readableBytes > 0 {
            let progressed =
                switch state {
                // Clients that stop reading get no further answers.
                case .readingHead: isWritable && readHead()
                case .readingBody: readBody()
                case .submitting, .queued, .connecting, .awaitingAnswer, .relaying, .closing, .lingering, .closed:
                    false
                }
            guard progressed else { return }
        }
        // An empty buffer would go on taking its room.
        let buffer = received
        received = ByteBuffer()
        loop.spareBuffers.give(buffer)
    }

    // MARK: - Head

    private func readHead() -> Bool {
        let source = received
        do {
            guard try head.parse(source.readableBytesUInt8Span) else {
                if owesSince == nil { owesSince = loop.sweptAt }
                return false
            }
        } catch {
            refuseUnreadable(error)
            return false
        }
        begin()
        return true
    }

    private func begin() {
        let id = loop.beginRequest()
        let source = received
        let kind = Endpoint.classify(
            isPost: head.method == .post,
            path: source.readableBytesUInt8Span.extracting(head.path)
        )
        var dialect: Dialect?
        if case .slot(let spoken) = kind { dialect = spoken }
        request = ProxiedRequest(
            id: id,
            identifier: givenIdentifier() ?? loop.makeIdentifier(),
            method: head.method,
            version: head.version,
            dialect: dialect,
            keepsAlive: head.keepsAlive,
            isLast: !head.keepsAlive,
            isTraced: isTraced,
            chunkedBody: head.body == .chunked ? ByteBuffer() : nil
        )
        request?.origin = givenOrigin
        if let answer = ownAnswer(to: kind) ?? reserveBody() {
            let hasBody = hasBody
            consumeHead()
            return self.answer(answer, unread: hasBody)
        }
        if kind == .metrics, gatherMetrics() { return }
        writeHead()
        bodyFramer = BodyFramer(head.body)
        let expectsContinue = head.expectsContinue
        consumeHead()
        state = .readingBody
        if bodyFramer.isComplete { return submit() }
        owesSince = loop.sweptAt
        if expectsContinue, received.readableBytes == 0 {
            write(ByteBuffer(staticString: "HTTP/1.1 100 Continue\r\n\r\n"))
        }
    }

    func consumeHead() {
        received.moveReaderIndex(forwardBy: head.length)
        head.reset()
        owesSince = nil
    }

    private func givenIdentifier() -> RequestIdentifier? {
        guard let line = head.first(.requestID) else { return nil }
        return received.getSlice(at: received.readerIndex + line.value.lowerBound, length: line.value.count)
            .flatMap(RequestIdentifier.init(given:))
    }

    /// Of the page that asks, if one does.
    private var givenOrigin: [UInt8]? {
        guard let line = head.first(.origin) else { return nil }
        return Array(received.readableBytesView[relative: line.value].prefix(Self.longestOrigin))
    }

    /// In bytes: a scheme, a name (RFC 1035 3.1) and a port. A longer one is that of no page.
    private static let longestOrigin = 300

    /// Makes sure that the body may be held.
    ///
    /// - Returns: the refusal if it may not.
    private func reserveBody() -> LocalAnswer? {
        guard case .length(let length) = head.body else { return nil }
        guard length <= loop.configuration.maximumBodyBytes else {
            return .bodyTooLarge(limit: loop.configuration.maximumBodyBytes)
        }
        return reserve(Int(length))
    }

    private func reserve(_ count: Int) -> LocalAnswer? {
        guard loop.budget.reserve(count) else {
            return .tooManyBytesHeld(limit: loop.configuration.maximumBufferedBytes)
        }
        request?.heldBytes += count
        return nil
    }

    // MARK: - Body

    private func readBody() -> Bool {
        let source = received
        var offset = 0
        do {
            while true {
                switch try bodyFramer.next(source.readableBytesUInt8Span, from: offset) {
                case .data(let range):
                    guard take(range, of: source) else { return false }
                    offset = range.upperBound
                case .needMore:
                    owesSince = loop.sweptAt
                    received.moveReaderIndex(to: received.writerIndex)
                    return true
                case .end(let end):
                    received.moveReaderIndex(forwardBy: end)
                    bodyEnded()
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
        guard let held = request?.chunkedBody?.readableBytes else {
            request?.message?.append(source, range)
            return true
        }
        let limit = loop.configuration.maximumBodyBytes
        let fits = held + range.count <= limit
        if let refusal = fits ? reserve(range.count) : .bodyTooLarge(limit: limit) {
            answer(refusal, unread: true)
            return false
        }
        request?.chunkedBody?.write(source, range)
        return true
    }

    private func bodyEnded() {
        owesSince = nil
        if let body = request?.chunkedBody {
            request?.chunkedBody = nil
            request?.message?.end(with: body)
        }
        submit()
    }

    // MARK: - What can't be read

    /// Where its messages begin and end can't be known any more: the connection ends.
    private func refuseUnreadable(_ error: FramingError) {
        refuseUnfinished(LocalAnswer(error))
    }

    /// The rest of a request can't be read, or doesn't come.
    func refuseUnfinished(_ refusal: LocalAnswer) {
        owesSince = nil
        if request == nil {
            request = ProxiedRequest(
                id: loop.beginRequest(),
                identifier: loop.makeIdentifier(),
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
