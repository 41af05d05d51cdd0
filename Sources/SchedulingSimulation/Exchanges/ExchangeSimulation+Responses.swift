import HTTPFraming
import LlamaServer
import ProxyExchange
import Scheduling

// Responses on their way to clients, by the word of `ResponseRelay`.

extension ExchangeSimulation {
    mutating func readHead(on socket: SimulatedUpstreamSocket, for client: SimulatedClient) throws(Violation) {
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
                try abandon(socket)
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

    mutating func passOn(
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

    func write(_ text: String, inChunk: Bool, to client: SimulatedClient) {
        if inChunk { writeChunk(Array(text.utf8), to: client) } else { client.output += Array(text.utf8) }
    }

    mutating func finishResponse(
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
        if reusable { becomeIdle(socket) } else if !socket.isClosed { try abandon(socket) }
        socket.client = nil
        guard let target = client.exchange.responseEnds() else {
            throw Violation(.firstByte, "\(client.number) gets the end of a response that it doesn't get")
        }
        client.upstream = nil
        try giveBack(target, .answered)
        trace.note("\(client.number) has its response")
        try checkWhole(client, endsByClose: isUntilClose)
        try hasEnded(client, isUntilClose ? .closed : .kept)
    }

    mutating func cut(_ socket: SimulatedUpstreamSocket, _ client: SimulatedClient) throws(Violation) {
        let form = socket.relay.cutForm
        if !socket.isClosed { try abandon(socket) }
        socket.client = nil
        guard let target = client.exchange.responseEnds() else {
            throw Violation(.firstByte, "\(client.number) gets a cut response that it doesn't get")
        }
        client.upstream = nil
        try giveBack(target, .failed)
        if case .event(let inChunk) = form { write(Self.errorEvent, inChunk: inChunk, to: client) }
        trace.note("the response of \(client.number) is cut: \(form)")
        try checkCut(client, form)
        try hasEnded(client, form == .reset ? .reset : .closed)
    }
}
