import NIOCore
import NIOHTTP1

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// One client's connection: a request at a time. Belongs to its event loop.
final class Connection: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart

    let server: ServerContext
    let loop: LoopState
    /// What comes over the control port isn't counted and meets no faults.
    let isControl: Bool
    let tap: RawTap

    private var request: Request?
    private var exchange: Exchange?
    /// The request whose answer's first byte is to be noted in the journal.
    private var unanswered: String?
    private var requests = 0
    private var mostRequestsSeen = 0
    private var lastUse = NIODeadline.now()
    /// Answered and about to close: what else comes is thrown away.
    private var isDraining = false
    private var hasClientLeft = false

    init(server: ServerContext, loop: LoopState, tap: RawTap, isControl: Bool) {
        self.server = server
        self.loop = loop
        self.tap = tap
        self.isControl = isControl
    }

    // MARK: - From the channel

    func channelActive(context: ChannelHandlerContext) {
        guard !isControl else { return }
        loop.add(self)
        server.state.count {
            $0.connectionsAccepted += 1
            $0.connectionsOpen += 1
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        isDraining = true
        exchange?.clientGone()
        guard !isControl else { return }
        loop.remove(self)
        server.state.count { $0.connectionsOpen -= 1 }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case ChannelEvent.inputClosed = event {
            hasClientLeft = true
            exchange?.clientGone()
            if exchange == nil { close() }
        }
        context.fireUserInboundEventTriggered(event)
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if isWritable { exchange?.becameWritable() }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard !isDraining else { return close() }
        isDraining = true
        guard error is HTTPParserError else { return close() }
        server.state.count { $0.badRequests += 1 }
        tap.writeAndClose(server.answers.error(400, closes: true))
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isDraining else { return }
        switch unwrapInboundIn(data) {
        case .head(let head): begin(head)
        case .body(let bytes): request?.add(bytes)
        case .end: complete()
        }
    }

    // MARK: - Requests

    private func begin(_ head: HTTPRequestHead) {
        guard exchange == nil, request == nil else {
            server.state.count { $0.pipelinedRequests += 1 }
            return refuse()
        }
        requests += 1
        var request = Request(head, server: server)
        request.fault = standingFault(request)
        if request.wantsRawHead { request.rawHead = tap.head() }
        tap.release()
        switch request.script.fault {
        case .closeOnReuse where requests > 1: return refuse()
        case .answerBeforeBody:
            isDraining = true
            return tap.writeAndClose(server.answers.error(413, closes: true), mode: .output)
        default: break
        }
        if request.expectsContinue { tap.write(ByteBuffer(string: "HTTP/1.1 100 Continue\r\n\r\n"), flushes: true) }
        self.request = request
    }

    private func standingFault(_ request: Request) -> StandingFault? {
        guard !isControl, !request.isForUs else { return nil }
        return server.state.takeFault(
            path: request.path,
            isSlotEndpoint: request.shape != nil,
            isReused: requests > 1
        )
    }

    private func complete() {
        guard let request else { return }
        if request.fault?.kind == .die || request.script.fault == .die { _exit(139) }
        self.request = nil
        tap.capture()
        if !isControl { count(request) }
        let isLastAllowed = server.options.keepAliveRequests > 0 && requests >= server.options.keepAliveRequests
        let closes = !request.isKeepAlive || request.script.wantsClose || isLastAllowed
        let exchange: Exchange
        switch Router(server: server).route(request, closes: closes) {
        case .content(let content):
            exchange = Exchange(content, of: request, on: self, closes: closes)
            unanswered = request.identifier
        case .answer(let answer):
            return sendLast(answer, closes: closes)
        case .control(let action):
            return act(action, closes: closes)
        }
        self.exchange = exchange
        exchange.begin()
    }

    private func count(_ request: Request) {
        let isNewMost = requests > mostRequestsSeen
        mostRequestsSeen = requests
        guard request.shape == nil || isNewMost else { return }
        server.state.count {
            $0.requestsPerConnectionMax = max($0.requestsPerConnectionMax, requests)
            guard request.shape == nil else { return }
            switch request.path {
            case "/health", "/v1/health": $0.healthPolls += 1
            case "/slots": $0.slotsPolls += 1
            case "/props": $0.propsPolls += 1
            default: if !request.isForUs { $0.otherRequests += 1 }
            }
        }
    }

    private func act(_ action: ControlAction, closes: Bool) {
        let connection = NIOLoopBound(self, eventLoop: loop.loop)
        server.gate.perform(action, state: server.state).hop(to: loop.loop).whenComplete { result in
            let connection = connection.value
            switch result {
            case .success:
                connection.sendLast(connection.server.answers.text(200, "{}", closes: closes), closes: closes)
            case .failure(let error):
                let message = "\(error)".replacing("\"", with: "'")
                let answer = connection.server.answers.text(
                    500,
                    #"{"error":{"message":"\#(message)"}}"#,
                    closes: closes
                )
                connection.sendLast(answer, closes: closes)
            }
        }
    }

    private func refuse() {
        isDraining = true
        close()
    }

    // MARK: - From the exchange

    var isWritable: Bool { tap.isWritable }

    func send(_ bytes: ByteBuffer, flushes: Bool) {
        noteAnswer()
        tap.write(bytes, flushes: flushes)
    }

    func flush() {
        tap.flush()
    }

    private func noteAnswer() {
        guard let identifier = unanswered else { return }
        unanswered = nil
        server.state.note(identifier) { $0.answered += 1 }
    }

    func sendLast(_ bytes: ByteBuffer, closes: Bool) {
        noteAnswer()
        guard closes else { return tap.write(bytes, flushes: true) }
        isDraining = true
        tap.writeAndClose(bytes)
    }

    /// - Parameter delay: until when its client may take the connection for one that can be used again.
    func sendLast(_ bytes: ByteBuffer, closingIn delay: TimeSpan) {
        guard delay.amount > .zero else { return sendLast(bytes, closes: true) }
        sendLast(bytes, closes: false)
        isDraining = true
        loop.loop.assumeIsolated().scheduleTask(in: delay.amount) { self.close() }
    }

    func reset() {
        isDraining = true
        tap.reset()
    }

    func ended(_ exchange: Exchange) {
        self.exchange = nil
        lastUse = .now()
        if hasClientLeft { close() }
    }

    // MARK: - From the loop

    func isIdle(since deadline: NIODeadline) -> Bool {
        exchange == nil && request == nil && !isDraining && lastUse <= deadline
    }

    func close() {
        tap.close()
    }
}
