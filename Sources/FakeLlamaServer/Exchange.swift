import NIOCore

/// One request's way from its arrival to its answer's end. Belongs to its connection's event loop.
final class Exchange {
    enum Content {
        /// Made in a slot, token by token.
        case generated(AnswerShape, streams: Bool)
        /// Ready, and needs no slot.
        case plain(ByteBuffer)
    }

    private enum Phase {
        case created
        case deferred(SlotTable<SharedState.Grant>.Ticket)
        case beforeHead
        case streaming(EventTemplate)
        case trickling(ByteBuffer)
        case hanging
        case ended
    }

    /// Events written in one go when tokens take no time.
    private static let batch = 64
    private static let trickleNanoseconds: Int64 = 10_000_000
    /// From one look to the next whether the slots move again.
    private static let stallNanoseconds: Int64 = 10_000_000
    /// From one look to the next at how many tokens of an answer that is no stream are made: a timer for each of them
    /// would be a timer for nobody.
    private static let makingNanoseconds: Int64 = 20_000_000
    private static let halfHead = ByteBuffer(string: "HTTP/1.1 200 OK\r\nServer: llama.cpp\r\nContent-Ty")
    private static let malformedHead = ByteBuffer(string: "HTTP/1.1 2OO fine\r\nContent Type: a\r\n\r\n")

    private let content: Content
    private let script: Script
    private let digest: BodyDigest
    private let identifier: String?
    private let context: ServerContext
    private let loop: LoopState
    private let connection: Connection
    private let closes: Bool
    /// A stream that has a conversation's id goes on without its client.
    private let outlivesClient: Bool
    private let allocator = ByteBufferAllocator()

    private var phase = Phase.created
    private var slot: Int?
    private var progress: SharedState.Progress?
    private var isClientGone = false
    private var sent = 0
    /// When the next thing happens, in monotonic nanoseconds.
    private var due: Int64 = 0
    private var awaitsWritability = false

    init(_ content: Content, of request: Request, on connection: Connection, closes: Bool) {
        self.content = content
        script = request.script
        digest = request.digest
        identifier = request.identifier
        self.connection = connection
        self.closes = closes
        if case .generated(_, streams: true) = content {
            outlivesClient = request.conversation != nil
        } else {
            outlivesClient = false
        }
        context = connection.server
        loop = connection.loop
    }

    // MARK: - Inputs

    func begin() {
        guard case .generated = content else { return start() }
        switch context.state.admit(grant()) {
        case .granted(let slot): start(in: slot)
        case .deferred(let ticket): phase = .deferred(ticket)
        }
    }

    /// The timer that was asked for.
    func fire() {
        switch phase {
        case .beforeHead: make()
        case .streaming(let events): stream(events)
        case .trickling(let rest): trickle(rest)
        case .created, .deferred, .hanging, .ended: break
        }
    }

    func becameWritable() {
        guard awaitsWritability, case .streaming(let events) = phase else { return }
        awaitsWritability = false
        stream(events)
    }

    func clientGone() {
        isClientGone = true
        if context.options.stickyCancel, case .beforeHead = phase, case .generated(_, streams: false) = content {
            return
        }
        if case .deferred(let ticket) = phase {
            // If it isn't waiting any more, a slot is on its way here, and `start(in:)` gives it back.
            phase = .ended
            _ = context.state.cancel(ticket)
            return
        }
        switch phase {
        case .beforeHead where outlivesClient: return
        case .streaming(let events) where outlivesClient:
            guard awaitsWritability else { return }
            awaitsWritability = false
            stream(events)
        case .created, .deferred, .beforeHead, .streaming, .trickling, .hanging, .ended: end(.cancelled)
        }
    }

    // MARK: - Slots

    private func grant() -> SharedState.Grant {
        let exchange = NIOLoopBound(self, eventLoop: loop.loop)
        return { [eventLoop = loop.loop] slot in eventLoop.execute { exchange.value.start(in: slot) } }
    }

    private func start(in slot: Int) {
        self.slot = slot
        if case .ended = phase { return release(.cancelled) }
        progress = context.state.progress(of: slot)
        progress?.set(0)
        if let identifier { context.state.note(identifier) { $0.started += 1 } }
        start()
    }

    private func release(_ outcome: SharedState.Outcome) {
        guard let slot else { return }
        self.slot = nil
        context.state.release(slot, outcome)
    }

    /// Comes before the answer's last bytes, so that a client which has them finds the slot free and the counts right.
    private func end(_ outcome: SharedState.Outcome) {
        if case .ended = phase { return }
        phase = .ended
        release(outcome)
        connection.ended(self)
    }

    // MARK: - Answering

    private func start() {
        phase = .beforeHead
        var wait = script.delay.nanoseconds
        if makesTokensUnsent {
            wait += script.tokenDelay.nanoseconds * Int64(script.tokens)
        }
        due = TimerWheel.now() + wait
        make()
    }

    /// The tokens of an answer that is no stream are seen in its slot alone.
    private func make() {
        let now = TimerWheel.now()
        let rest = due - now
        guard rest > 0 else { return answer() }
        guard makesTokensUnsent, script.tokenDelay > .zero else { return loop.wheel.schedule(self, at: due) }
        if !context.state.isStalled {
            progress?.set(max(0, script.tokens - Int(rest / script.tokenDelay.nanoseconds)))
        }
        loop.wheel.schedule(self, at: min(due, now + Self.makingNanoseconds))
    }

    private var makesTokensUnsent: Bool {
        guard case .generated(_, streams: false) = content else { return false }
        return script.fault == nil
    }

    private func answer() {
        guard !isClientGone || outlivesClient else { return end(.cancelled) }
        guard !standsStill() else { return }
        if let fault = script.fault, strike(fault) { return }
        guard case .generated(let shape, streams: true) = content else {
            let answer = whole()
            end(.completed)
            return connection.sendLast(answer, closes: closes)
        }
        let events = context.answers.events(shape, script)
        phase = .streaming(events)
        send(context.answers.streamHead(script, closes: closes), flushes: script.tokenDelay > .zero)
        due = TimerWheel.now()
        continueStream(events)
    }

    private func whole(announced: Int = 0) -> ByteBuffer {
        switch content {
        case .plain(let answer): answer
        case .generated(let shape, _):
            context.answers.whole(shape, script, digest, closes: closes, announced: announced)
        }
    }

    /// - Returns: whether nothing moves in the slots now; then it is looked at again later.
    private func standsStill() -> Bool {
        guard slot != nil, context.state.isStalled else { return false }
        due = TimerWheel.now() + Self.stallNanoseconds
        loop.wheel.schedule(self, at: due)
        return true
    }

    private func continueStream(_ events: EventTemplate) {
        guard script.tokenDelay > .zero else { return stream(events) }
        due = max(due + script.tokenDelay.nanoseconds, TimerWheel.now())
        loop.wheel.schedule(self, at: due)
    }

    private func stream(_ events: EventTemplate) {
        guard !standsStill() else { return }
        guard connection.isWritable || isClientGone else {
            connection.flush()
            awaitsWritability = !connection.isWritable
            if awaitsWritability { return }
            return stream(events)
        }
        for _ in 0..<Self.batch {
            if let fault = script.fault, sent == script.afterTokens, strike(fault, amid: events) { return }
            guard sent < script.tokens else { return complete(events) }
            let token = events.token(sent, allocator)
            sent += 1
            progress?.set(sent)
            guard script.tokenDelay > .zero else {
                send(token, flushes: false)
                continue
            }
            let isLast = sent == script.tokens && script.fault == nil
            send(token, flushes: !isLast)
            return isLast ? complete(events) : continueStream(events)
        }
        connection.flush()
        loop.loop.assumeIsolated().execute { self.fire() }
    }

    private func complete(_ events: EventTemplate) {
        let last = events.end(digest, allocator)
        end(.completed)
        guard !isClientGone else { return }
        guard !closes, let delay = context.options.closeAfterStreams else {
            return connection.sendLast(last, closes: closes)
        }
        connection.sendLast(last, closingIn: delay)
    }

    private func send(_ bytes: ByteBuffer, flushes: Bool) {
        guard !isClientGone else { return }
        connection.send(bytes, flushes: flushes)
    }

    // MARK: - Faults

    /// - Returns: whether the fault has taken the answer's place.
    private func strike(_ fault: FaultKind) -> Bool {
        switch fault {
        case .hangBeforeHead, .healthHang: phase = .hanging
        case .resetBeforeHead: failing { $0.reset() }
        case .closeBeforeHead: failing { $0.close() }
        case .halfHead: failing { $0.sendLast(Self.halfHead, closes: true) }
        case .malformedHead: failing { $0.sendLast(Self.malformedHead, closes: false) }
        case .error500: failing { $0.sendLast(context.answers.error(500, closes: closes), closes: closes) }
        case .wrongContentLengthShort: failing { $0.sendLast(whole(announced: -10), closes: false) }
        case .wrongContentLengthLong: failing { $0.sendLast(whole(announced: 10), closes: true) }
        case .hangAfterHead:
            phase = .hanging
            connection.send(headAlone(), flushes: true)
        case .trickle:
            phase = .trickling(everything())
            fire()
        case .hangMidStream, .resetMidStream, .cutMidStream, .cutMidChunk, .errorMidStream:
            return strikeWhole(fault)
        case .refuse, .closeIdle, .closeOnReuse, .die, .answerBeforeBody, .loading, .unauthorized, .slotsDisabled,
            .stall:
            return false
        }
        return true
    }

    /// A fault in mid-stream, of an answer that isn't a stream: half of the body comes.
    private func strikeWhole(_ fault: FaultKind) -> Bool {
        if case .generated(_, streams: true) = content { return false }
        let answer = whole()
        let head = answer.headSlice()?.readableBytes ?? 0
        let part = answer.getSlice(at: answer.readerIndex, length: (head + answer.readableBytes) / 2) ?? answer
        switch fault {
        case .hangMidStream:
            phase = .hanging
            connection.send(part, flushes: true)
        case .resetMidStream:
            connection.send(part, flushes: true)
            failing { $0.reset() }
        default:
            failing { $0.sendLast(part, closes: true) }
        }
        return true
    }

    private func strike(_ fault: FaultKind, amid events: EventTemplate) -> Bool {
        connection.flush()
        switch fault {
        case .hangMidStream: phase = .hanging
        case .resetMidStream: failing { $0.reset() }
        case .cutMidStream: failing { $0.sendLast(ByteBuffer(), closes: true) }
        case .cutMidChunk: failing { $0.sendLast(events.halfToken(sent, allocator), closes: true) }
        case .errorMidStream: failing { $0.sendLast(EventTemplate.failure, closes: closes) }
        default: return false
        }
        return true
    }

    private func failing(_ act: (Connection) -> Void) {
        end(.faulted)
        act(connection)
    }

    private func headAlone() -> ByteBuffer {
        if case .generated(_, streams: true) = content { return context.answers.streamHead(script, closes: closes) }
        let answer = whole()
        return answer.headSlice() ?? answer
    }

    private func everything() -> ByteBuffer {
        guard case .generated(let shape, streams: true) = content else { return whole() }
        let events = context.answers.events(shape, script)
        var all = context.answers.streamHead(script, closes: closes)
        for index in 0..<min(script.tokens, 1000) { all.writeImmutableBuffer(events.token(index, allocator)) }
        all.writeImmutableBuffer(events.end(digest, allocator))
        return all
    }

    private func trickle(_ bytes: ByteBuffer) {
        var rest = bytes
        guard let byte = rest.readSlice(length: 1), rest.readableBytes > 0 else {
            end(.completed)
            return connection.sendLast(bytes, closes: closes)
        }
        phase = .trickling(rest)
        due = TimerWheel.now() + Self.trickleNanoseconds
        loop.wheel.schedule(self, at: due)
        connection.send(byte, flushes: true)
    }
}
