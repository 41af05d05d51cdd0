import HTTPFraming
import LlamaServer
import ProxyExchange
import Scheduling
import SeededRandom

// What the proxy's connections do by the word of the values: as in `ReverseProxy`, without sockets.

extension ExchangeSimulation {
    // MARK: - The scheduler

    mutating func reported(_ report: UpstreamReport) {
        deferred += Array(scheduler.reported(report, at: now))
    }

    mutating func letTimePass() throws(Violation) {
        try carryOut(scheduler.tick(at: now))
        for server in servers.indices { report(server) }
        try carryOutDeferred()
    }

    mutating func carryOutDeferred() throws(Violation) {
        let decisions = deferred
        deferred = []
        for decision in decisions { try carryOut(decision) }
    }

    private mutating func carryOut(_ decisions: Decisions) throws(Violation) {
        for decision in decisions { try carryOut(decision) }
    }

    private mutating func carryOut(_ decision: Decision) throws(Violation) {
        switch decision {
        case .dispatch(let lease):
            guard let client = queued(lease.request) else {
                // The client left while this was on its way.
                return try carryOut(scheduler.finished(lease, .clientLeft(runsOn: .no), at: now))
            }
            try carryOut(client.exchange.submitted(Submission.dispatch(lease)), for: client)
        case .send(let request, let upstream, let route):
            guard let client = queued(request) else { return }
            try carryOut(client.exchange.submitted(SlotlessSubmission.send(upstream, route)), for: client)
        case .reject(let request, let rejection):
            guard let client = queued(request) else { return }
            try carryOut(client.exchange.rejected(rejection), for: client)
        case .poll, .drained, .cooled, .wish:
            break
        }
    }

    private func queued(_ request: RequestID) -> SimulatedClient? {
        clients.first { client in
            guard client.exchange.request == request, client.end == nil, case .queued = client.exchange.state else {
                return false
            }
            return true
        }
    }

    // MARK: - What an exchange decides

    mutating func carryOut(_ action: Exchange.Action, for client: SimulatedClient) throws(Violation) {
        switch action {
        case .none, .wait, .findRoom:
            break
        case .send(let target):
            if client.exchange.mayReuseConnection, let socket = takeIdle(to: target) {
                try use(socket, for: target, client)
            } else {
                connect(client, to: target)
            }
        case .connect(let target):
            connect(client, to: target)
        case .connectSoon(_, let attempt):
            begun.append(.pause(client, attempt))
        case .checkLife(let target, let attempt):
            scheduler.brokeOff(target.upstream, at: now)
            begun.append(.lifeCheck(client, target, attempt))
        case .tellDeath(let target):
            try tellDeath(of: target, client)
        case .retry(let lease, let failure):
            let (submission, decisions) = scheduler.retry(lease, after: failure, at: now)
            guard let submission else {
                throw Violation(.givenBackOnce, "the lease of \(client.number) had ended before it was given back")
            }
            try carryOut(client.exchange.submitted(submission), for: client)
            try carryOut(decisions)
        case .retryWithoutSlot(let failed, let isUnreachable):
            if isUnreachable { try carryOut(scheduler.connectFailed(failed, at: now)) }
            try handInSlotless(client, avoiding: failed)
        case .end(let ending, let release):
            if let release { try carryOut(release, of: client) }
            trace.note("\(client.number) is answered here: \(ending)")
            try answerHere(client)
        }
    }

    mutating func handInSlotless(_ client: SimulatedClient, avoiding failed: UpstreamID?) throws(Violation) {
        let submission = scheduler.submitSlotless(
            client.exchange.request,
            for: nil,
            avoiding: failed,
            arrived: now,
            at: now
        )
        try carryOut(client.exchange.submitted(submission), for: client)
    }

    private mutating func tellDeath(of target: Target, _ client: SimulatedClient) throws(Violation) {
        switch target {
        case .slot(let lease):
            let (submission, decisions) = scheduler.serverDied(lease, at: now)
            if let submission {
                try carryOut(client.exchange.submitted(submission), for: client)
            } else {
                try carryOut(client.exchange.upstreamDied(target, isSuspect: true), for: client)
            }
            try carryOut(decisions)
        case .free(let upstream, _):
            let (isSuspect, decisions) = scheduler.serverDied(upstream, sentAt: client.sentAt, at: now)
            try carryOut(client.exchange.upstreamDied(target, isSuspect: isSuspect), for: client)
            try carryOut(decisions)
        }
    }

    private mutating func carryOut(_ release: Exchange.Release, of client: SimulatedClient) throws(Violation) {
        if release.abandonsConnection, let socket = client.upstream { abandon(socket) }
        client.upstream = nil
        try giveBack(release.target, release.outcome)
    }

    private mutating func giveBack(_ target: Target, _ outcome: Outcome) throws(Violation) {
        switch target {
        case .slot(let lease):
            let before = scheduler.leasedCount
            let decisions = scheduler.finished(lease, outcome, at: now)
            let handedOver = decisions.count { if case .dispatch = $0 { true } else { false } }
            guard scheduler.leasedCount == before - 1 + handedOver else {
                throw Violation(
                    .givenBackOnce,
                    "the lease of \(lease.request.rawValue) had ended before it was given back"
                )
            }
            try carryOut(decisions)
        case .free(let upstream, _):
            if outcome == .serverDied { try carryOut(scheduler.connectFailed(upstream, at: now)) }
        }
    }

    // MARK: - Connections

    private func server(of target: Target) -> Int? {
        servers.firstIndex { $0.address == target.route.address }
    }

    private mutating func takeIdle(to target: Target) -> SimulatedUpstreamSocket? {
        guard let index = idle.lastIndex(where: { servers[$0.server].address == target.route.address && !$0.isClosed })
        else { return nil }
        return idle.remove(at: index)
    }

    private mutating func connect(_ client: SimulatedClient, to target: Target) {
        begun.append(.connection(client, target, client.exchange.connects(to: target)))
    }

    private mutating func use(
        _ socket: SimulatedUpstreamSocket,
        for target: Target,
        _ client: SimulatedClient
    ) throws(Violation) {
        if let ended = client.ended, servers[ended.server].lives == ended.life {
            throw Violation(.suspects, "\(client.number) has ended \(ended.server) and is sent to \(socket.server)")
        }
        client.isOnFaultlessServer = servers[socket.server].breaks == 0
        client.exchange.sent(to: target)
        client.sentAt = now
        client.withoutMeansSince = nil
        client.upstream = socket
        socket.client = client
        let length = 1 + random.below(200)
        socket.link.sends(length)
        socket.request = (client.number, length, 0)
        socket.isFlushed = false
        trace.note("\(client.number) is sent to \(socket.server)")
    }

    /// As at the end of each turn of an event loop.
    mutating func flush() {
        for socket in sockets where !socket.isFlushed {
            socket.isFlushed = true
            socket.link.flushed()
        }
    }

    /// Something that was begun comes to an end.
    mutating func settleSomething() throws(Violation) {
        guard !begun.isEmpty else { return }
        switch begun.remove(at: random.below(begun.count)) {
        case .connection(let client, let target, let attempt):
            try connectionSettled(client, target, attempt)
        case .lifeCheck(let client, let target, let attempt):
            let isAlive = server(of: target).map { servers[$0].life == .up } ?? false
            guard client.exchange.target(of: attempt) != nil else { return }
            trace.note("\(target.route.address) \(isAlive ? "is alive" : "is gone")")
            try carryOut(client.exchange.lifeFound(attempt, isAlive: isAlive), for: client)
        case .pause(let client, let attempt):
            try carryOut(client.exchange.connectsAgain(attempt), for: client)
        }
    }

    private mutating func connectionSettled(
        _ client: SimulatedClient,
        _ target: Target,
        _ attempt: Exchange.Attempt
    ) throws(Violation) {
        let isOwnFault = !isCalm && random.chance(faults)
        guard !isOwnFault, let server = server(of: target), servers[server].life != .dead else {
            trace.note("no connection to \(target.route.address)\(isOwnFault ? ", for want of means" : "")")
            let action = client.exchange.connectFailed(attempt, "refused", isOwnFault: isOwnFault, at: now)
            if case .connectSoon = action {
                let since = client.withoutMeansSince ?? now
                client.withoutMeansSince = since
                guard now - since < limits.connect else {
                    throw Violation(.deadlines, "\(client.number) has tried to connect for \(now - since)")
                }
            }
            return try carryOut(action, for: client)
        }
        let socket = SimulatedUpstreamSocket(to: server)
        sockets.append(socket)
        guard let target = client.exchange.target(of: attempt) else { return becomeIdle(socket) }
        try use(socket, for: target, client)
    }

    private mutating func becomeIdle(_ socket: SimulatedUpstreamSocket) {
        socket.client = nil
        socket.link.becomesIdle()
        idle.append(socket)
    }

    private mutating func abandon(_ socket: SimulatedUpstreamSocket) {
        socket.client = nil
        socket.link.isAbandoned()
        closeSocket(socket)
    }

    private mutating func closeSocket(_ socket: SimulatedUpstreamSocket) {
        socket.isClosed = true
        socket.close = socket.close ?? .reset
        sockets.removeAll { $0 === socket }
        idle.removeAll { $0 === socket }
    }

    // MARK: - Bytes from servers

    /// Bytes come on some connection, or its end does.
    mutating func receiveSomething() throws(Violation) {
        let ready = sockets.filter { socket in
            (!socket.onItsWay.isEmpty || socket.close != nil) && socket.client?.isWritable != false
        }
        guard let socket = ready.randomElement(using: &random) else { return }
        guard socket.onItsWay.isEmpty || socket.close == .reset && random.chance(20) else {
            let count = isCalm ? socket.onItsWay.count : 1 + random.below(socket.onItsWay.count)
            let piece = Array(socket.onItsWay.prefix(count))
            socket.onItsWay.removeFirst(count)
            return try receive(piece, on: socket)
        }
        try ended(socket)
    }

    mutating func receiveUnasked(on socket: SimulatedUpstreamSocket) throws(Violation) {
        try receive(Array("HTTP/1.1 408 Late\r\nContent-Length: 0\r\n\r\n".utf8), on: socket)
    }

    private mutating func receive(_ piece: [UInt8], on socket: SimulatedUpstreamSocket) throws(Violation) {
        let client = socket.client
        switch socket.link.received() {
        case .body:
            if let client { try passOn(piece, on: socket, to: client) }
        case .head:
            socket.received += piece
            if let client { try readHead(on: socket, for: client) }
        case .early(let extent):
            abandon(socket)
            if let client {
                client.upstream = nil
                try carryOut(client.exchange.brokeOff(extent), for: client)
            }
        case .unasked:
            closeSocket(socket)
        case .ignored:
            break
        }
    }

    private mutating func ended(_ socket: SimulatedUpstreamSocket) throws(Violation) {
        if socket.link.mayEndUntouched {
            // A closed socket takes nothing more; a reset says nothing of what had been taken.
            let isUnread = socket.close == .clean && socket.request?.read == 0
            socket.link.endsWith(unacknowledged: isUnread ? .max : 0)
        }
        if socket.close == .reset { socket.relay.endIsDoubtful = true }
        let client = socket.client
        let end = socket.link.ended(socket.relay)
        closeSocket(socket)
        if case .ofGoodbye(let lease, let outcome) = end {
            trace.note("\(socket.server) says goodbye: \(outcome)")
            return try giveBack(.slot(lease), outcome)
        }
        guard let client else { return }
        trace.note("the connection of \(client.number) to \(socket.server) ends: \(end)")
        switch end {
        case .ofIdle, .ofGoodbye:
            break
        case .brokeOff(let extent):
            client.upstream = nil
            try carryOut(client.exchange.brokeOff(extent), for: client)
        case .inHead:
            try carryOut(client.exchange.malformed("it ended before the end of its head"), for: client)
        case .ofResponse:
            try finishResponse(on: socket, to: client, reusable: false)
        case .cut:
            try cut(socket, client)
        }
    }

    private mutating func readHead(on socket: SimulatedUpstreamSocket, for client: SimulatedClient) throws(Violation) {
        let received = socket.received
        do {
            guard try socket.head.parse(received.span, answering: .post) else { return }
        } catch {
            return try carryOut(client.exchange.malformed("\(error)"), for: client)
        }
        let length = socket.head.length
        let body = Array(received[length...])
        if socket.head.status == 503, client.exchange.mayGoElsewhere {
            guard case .length(let expected) = socket.head.body, body.count >= expected else {
                return socket.head.reset()
            }
            let reason = Unavailability(body: body)
            if reason == .loading || client.exchange.mayBeRefusedAgain {
                let action = client.exchange.notExecuted(.unavailable(reason))
                client.upstream = nil
                abandon(socket)
                return try carryOut(action, for: client)
            }
        }
        socket.link.responseBegins()
        let reader = ResponseRelay.Reader(
            knowsChunks: client.knowsChunks,
            hasHead: client.hasOwnStart,
            dialect: client.dialect
        )
        socket.relay.begin(socket.head, in: received.span, for: reader)
        guard client.exchange.responseBegins() != nil else {
            throw Violation(.firstByte, "\(client.number) gets a response that it doesn't wait for")
        }
        if !client.hasOwnStart { writeHead(Array(received[..<length]), on: socket, to: client) }
        socket.received = []
        if !body.isEmpty || socket.relay.isComplete { try passOn(body, on: socket, to: client) }
    }

    /// Without the fields of a framing that the client doesn't get.
    private func writeHead(_ head: [UInt8], on socket: SimulatedUpstreamSocket, to client: SimulatedClient) {
        guard socket.relay.form == .payload else {
            client.output += head
            return
        }
        let lines = String(decoding: head, as: UTF8.self).split(separator: "\r\n")
        let kept = lines.filter { !$0.hasPrefix("Transfer-Encoding") }
        client.output += Array((kept.joined(separator: "\r\n") + "\r\n\r\n").utf8)
    }

    private mutating func passOn(
        _ piece: [UInt8],
        on socket: SimulatedUpstreamSocket,
        to client: SimulatedClient
    ) throws(Violation) {
        do {
            guard socket.relay.form == .asItIs else { return try passOnPayload(piece, on: socket, to: client) }
            let (count, isComplete) = try socket.relay.pass(piece.span)
            _ = socket.relay.follow(piece.span.extracting(0..<count))
            client.output += piece[..<count]
            let keeps = socket.relay.keepsConnection(hasMore: count < piece.count)
            if isComplete { try finishResponse(on: socket, to: client, reusable: keeps) }
        } catch let error as FramingError {
            trace.note("\(error)")
            try cut(socket, client)
        } catch let error as Violation {
            throw error
        } catch {
            throw Violation(.everythingEnds, "\(error)")
        }
    }

    private mutating func passOnPayload(
        _ piece: [UInt8],
        on socket: SimulatedUpstreamSocket,
        to client: SimulatedClient
    ) throws {
        var offset = 0
        while true {
            switch try socket.relay.next(piece.span, from: offset) {
            case .data(let range):
                offset = range.upperBound
                _ = socket.relay.follow(piece.span.extracting(range))
                switch socket.relay.form {
                case .asItIs, .payload: client.output += piece[range]
                case .chunks: writeChunk(Array(piece[range]), to: client)
                case .event:
                    guard socket.relay.keep(piece.span.extracting(range)) else { return try cut(socket, client) }
                }
            case .needMore:
                return
            case .end(let end):
                let keeps = socket.relay.keepsConnection(hasMore: end < piece.count)
                return try finishResponse(on: socket, to: client, reusable: keeps)
            }
        }
    }

    private func writeChunk(_ payload: [UInt8], to client: SimulatedClient) {
        client.output += Array("\(String(payload.count, radix: 16))\r\n".utf8) + payload + Array("\r\n".utf8)
    }

    private func write(_ text: String, inChunk: Bool, to client: SimulatedClient) {
        if inChunk { writeChunk(Array(text.utf8), to: client) } else { client.output += Array(text.utf8) }
    }

    private mutating func finishResponse(
        on socket: SimulatedUpstreamSocket,
        to client: SimulatedClient,
        reusable: Bool
    ) throws(Violation) {
        if socket.relay.form == .event {
            let lines = String(decoding: socket.relay.takeEvent(), as: UTF8.self)
            write("data: \(lines.split(separator: "\n").joined())\n\n", inChunk: client.knowsChunks, to: client)
        }
        if client.hasOwnStart, socket.relay.form != .asItIs, socket.relay.form != .payload, client.knowsChunks {
            client.output += Array("0\r\n\r\n".utf8)
        }
        let isUntilClose = socket.relay.clientFraming == .untilClose
        socket.head.reset()
        if reusable { becomeIdle(socket) } else if !socket.isClosed { abandon(socket) }
        socket.client = nil
        guard let target = client.exchange.responseEnds() else {
            throw Violation(.firstByte, "\(client.number) gets the end of a response that it doesn't get")
        }
        client.upstream = nil
        try giveBack(target, .answered)
        client.end = isUntilClose ? .closed : .kept
        trace.note("\(client.number) has its response")
        try checkWhole(client)
    }

    private mutating func cut(_ socket: SimulatedUpstreamSocket, _ client: SimulatedClient) throws(Violation) {
        let form = socket.relay.cutForm
        if !socket.isClosed { abandon(socket) }
        socket.client = nil
        guard let target = client.exchange.responseEnds() else {
            throw Violation(.firstByte, "\(client.number) gets a cut response that it doesn't get")
        }
        client.upstream = nil
        try giveBack(target, .failed)
        if case .event(let inChunk) = form { write(Self.errorEvent, inChunk: inChunk, to: client) }
        client.end = form == .reset ? .reset : .closed
        trace.note("the response of \(client.number) is cut: \(form)")
        try checkCut(client, form)
    }

    static let errorEvent = "error: cut\n\n"
    static let comment = ": in hand\n\n"

    // MARK: - Clients

    mutating func answerHere(_ client: SimulatedClient, after outcome: Outcome = .failed) throws(Violation) {
        if let release = client.exchange.isAnsweredHere(outcome) { try carryOut(release, of: client) }
        guard client.hasOwnStart || client.output.isEmpty else {
            throw Violation(.firstByte, "\(client.number) gets a second response")
        }
        if client.hasOwnStart {
            write(Self.errorEvent, inChunk: client.knowsChunks, to: client)
            if client.knowsChunks { client.output += Array("0\r\n\r\n".utf8) }
            client.end = client.knowsChunks ? .kept : .closed
        } else {
            client.output = Array("HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n".utf8)
            client.end = .kept
        }
    }

    mutating func leave(_ client: SimulatedClient) throws(Violation) {
        trace.note("the client of \(client.number) leaves")
        client.end = .left
        let state = client.exchange.state
        try leaveBehind(client)
        guard case .queued(.slot(let ticket)) = state, scheduler.cancel(ticket, at: now).wasThere else { return }
        throw Violation(.nothingIsLeft, "\(client.number) has left, and still waits")
    }

    private mutating func leaveBehind(_ client: SimulatedClient) throws(Violation) {
        let socket = client.upstream
        client.upstream = nil
        switch client.exchange.clientLeft(goesOn: client.goesOn) {
        case .nothing:
            break
        case .fromQueue(.slot(let ticket)):
            let (_, decisions) = scheduler.cancel(ticket, at: now)
            try carryOut(decisions)
        case .fromQueue(.server):
            _ = scheduler.cancelSlotless(client.exchange.request)
        case .beforeSending(let release):
            try giveBack(release.target, release.outcome)
        case .fromUpstream(let target):
            guard let socket else { throw Violation(.nothingIsLost, "\(client.number) has no connection to leave") }
            if case .slot(let lease) = target, socket.link.saysGoodbye(for: lease, socket.relay) {
                trace.note("\(socket.server) is told that \(client.number) has left")
                socket.client = nil
                socket.isShut = true
                return
            }
            try leave(socket, target, goesOn: false)
        case .fromGeneration(let target):
            guard let socket else { throw Violation(.nothingIsLost, "\(client.number) has no connection to leave") }
            try leave(socket, target, goesOn: true)
        }
    }

    private mutating func leave(_ socket: SimulatedUpstreamSocket, _ target: Target, goesOn: Bool) throws(Violation) {
        let runsOn = goesOn ? .untilItLooks : socket.link.runsOn(socket.relay)
        abandon(socket)
        try giveBack(target, .clientLeft(runsOn: runsOn))
    }

    /// Comments keep silent streams open.
    mutating func keepSomeoneAlive() throws(Violation) {
        guard let client = clients.filter({ $0.end == nil && $0.dialect != nil }).randomElement(using: &random) else {
            return
        }
        switch client.exchange.state {
        case .deciding:
            break
        case .relaying:
            guard let socket = client.upstream, socket.relay.takesComment else { return }
            write(Self.comment, inChunk: socket.relay.clientFraming == .chunked, to: client)
        case .queued, .connecting, .awaitingResponse:
            if !client.hasOwnStart {
                client.hasOwnStart = true
                let framing = client.knowsChunks ? "Transfer-Encoding: chunked\r\n" : ""
                client.output = Array("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\(framing)\r\n".utf8)
            }
            write(Self.comment, inChunk: client.knowsChunks, to: client)
        }
    }
}
