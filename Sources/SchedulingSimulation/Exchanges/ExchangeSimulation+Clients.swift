import HTTPFraming
import LlamaServer
import ProxyExchange
import Scheduling
import SeededRandom

// What clients do, and what they are told by the proxy itself.

extension ExchangeSimulation {
    static let errorEvent = "error: cut\n\n"
    static let comment = ": in hand\n\n"

    mutating func someClientActs() throws(Violation) {
        guard let connection = connections.randomElement(using: &random) else { return }
        switch connection.current?.exchange.state {
        case .connecting, .awaitingResponse:
            guard let client = connection.current, random.chance(5) else { break }
            trace.note("\(client.number) has waited long enough")
            return try answerHere(client, after: .timedOut)
        case .deciding, .queued, .relaying, nil:
            break
        }
        switch random.below(10) {
        case 0: connection.hasShut = true
        case 1...3: try leave(connection)
        default: try turn(connection)
        }
    }

    private mutating func leave(_ connection: SimulatedClientConnection) throws(Violation) {
        guard let client = connection.current else { return hasGone(connection) }
        try leave(client)
    }

    mutating func answerHere(_ client: SimulatedClient, after outcome: Outcome = .failed) throws(Violation) {
        if let release = client.exchange.isAnsweredHere(outcome) { try carryOut(release, of: client) }
        guard client.hasOwnStart || client.output.isEmpty else {
            throw Violation(.firstByte, "\(client.number) gets a second response")
        }
        if client.hasOwnStart {
            write(Self.errorEvent, inChunk: client.knowsChunks, to: client)
            if client.knowsChunks { client.output += Array("0\r\n\r\n".utf8) }
            try hasEnded(client, client.knowsChunks ? .kept : .closed)
        } else {
            client.output = Array("HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n".utf8)
            try hasEnded(client, .kept)
        }
    }

    private mutating func leave(_ client: SimulatedClient) throws(Violation) {
        trace.note("the client of \(client.number) leaves")
        let state = client.exchange.state
        try leaveBehind(client)
        try hasEnded(client, .left)
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
                socket.goodbyeLimit = now + .seconds(30)
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
        try abandon(socket)
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
