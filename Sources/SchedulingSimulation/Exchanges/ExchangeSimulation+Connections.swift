import ProxyExchange
import Scheduling
import SeededRandom

// Connections to servers, by the word of `UpstreamLink`.

extension ExchangeSimulation {
    private func server(of target: Target) -> Int? {
        servers.firstIndex { $0.address == target.route.address }
    }

    mutating func takeIdle(to target: Target) -> SimulatedUpstreamSocket? {
        guard let index = idle.lastIndex(where: { servers[$0.server].address == target.route.address && !$0.isClosed })
        else { return nil }
        return idle.remove(at: index)
    }

    mutating func connect(_ client: SimulatedClient, to target: Target) {
        begun.append(.connection(client, target, client.exchange.connects(to: target)))
    }

    mutating func use(
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

    mutating func becomeIdle(_ socket: SimulatedUpstreamSocket) {
        socket.client = nil
        socket.link.becomesIdle()
        idle.append(socket)
    }

    mutating func abandon(_ socket: SimulatedUpstreamSocket) throws(Violation) {
        socket.client = nil
        socket.link.isAbandoned()
        try closeSocket(socket)
    }

    /// The end of a connection is heard even if it is the proxy's own doing, and means nothing then.
    mutating func closeSocket(_ socket: SimulatedUpstreamSocket) throws(Violation) {
        guard case .ofIdle = socket.link.ended(socket.relay) else {
            throw Violation(.theEndIsTheEnd, "a connection to \(socket.server) is closed, and still waited for")
        }
        socket.isClosed = true
        socket.close = socket.close ?? .reset
        sockets.removeAll { $0 === socket }
        idle.removeAll { $0 === socket }
    }

    // MARK: - What comes on them

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
            try abandon(socket)
            if let client {
                client.upstream = nil
                try carryOut(client.exchange.brokeOff(extent), for: client)
            }
        case .unasked:
            try closeSocket(socket)
        case .ignored:
            break
        }
    }

    private mutating func ended(_ socket: SimulatedUpstreamSocket) throws(Violation) {
        // A closed socket takes nothing more; a reset says nothing of what had been taken.
        let isUnread = socket.close == .clean && socket.request?.read == 0
        if socket.link.mayEndUntouched { socket.link.endsWith(unacknowledged: isUnread ? .max : 0) }
        if socket.isFlushed, !isUnread { socket.client?.mayHaveBeenRead = true }
        if socket.close == .reset { socket.relay.endIsDoubtful = true }
        let client = socket.client
        let end = socket.link.ended(socket.relay)
        try closeSocket(socket)
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
            guard socket.received.isEmpty else {
                throw Violation(.firstByte, "\(client.number) is sent again, and its response had begun")
            }
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
}
