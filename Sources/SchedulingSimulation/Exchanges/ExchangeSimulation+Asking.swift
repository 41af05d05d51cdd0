import LlamaServer
import ProxyExchange
import Scheduling
import SeededRandom

// Requests on their way to the proxy, by the word of `ClientLink`: pipelined, in pieces, from clients that shut their sending
// side.

extension ExchangeSimulation {
    /// A client sends a request, on a connection of its own or behind others.
    mutating func ask() {
        let waiting = connections.reduce(0) { $0 + $1.asks.count + ($1.current == nil ? 0 : 1) }
        guard waiting < 20 else { return }
        clients.removeAll { $0.end != nil }
        let open = connections.filter { !$0.hasShut }
        var connection = open.randomElement(using: &random)
        if connection == nil || random.chance(60) {
            connection = SimulatedClientConnection(knowsChunks: random.chance(85), at: now)
        }
        guard let connection else { return }
        if !connections.contains(where: { $0 === connection }) { connections.append(connection) }
        lastRequest += 1
        let isSlotless = random.chance(15)
        let dialect: Dialect? = isSlotless ? nil : random.pick(Dialect.allCases)
        let isIdempotent = random.chance(50)
        let request = RequestID(rawValue: UInt64(lastRequest))
        let client = SimulatedClient(
            lastRequest,
            Exchange(request, isSlotless: isSlotless, isIdempotent: isIdempotent, limits),
            dialect: dialect,
            isIdempotent: isIdempotent,
            on: connection,
            isPoison: random.chance(faults / 3),
            goesOn: random.chance(10)
        )
        let ask = SimulatedClientConnection.Ask(
            client: client,
            head: 1 + random.below(random.pick([300, 300, 40_000])),
            body: random.below(random.pick([1, 300, 60_000]))
        )
        connection.asks.append(ask)
        connection.inSystem += ask.head + ask.body
    }

    /// Bytes come from some client, or it says that there are no more.
    mutating func readSomeClient() throws(Violation) {
        let ready = connections.filter { $0.isRead && ($0.inSystem > 0 || $0.hasShut) }
        guard let connection = ready.randomElement(using: &random) else { return }
        guard connection.link.mayRead(unused: connection.received, isWritable: connection.isWritable) else {
            connection.isRead = false
            return
        }
        guard connection.inSystem > 0 else { return try inputEnds(connection) }
        let count = isCalm ? connection.inSystem : 1 + random.below(min(connection.inSystem, Self.mostRead))
        connection.inSystem -= count
        connection.received += count
        try use(connection)
        guard isCalm || connection.received <= Self.mostAhead + Self.mostRead else {
            throw Violation(.readAhead, "\(connection.received) bytes of a client are held, and wait")
        }
    }

    /// As far as may be.
    mutating func use(_ connection: SimulatedClientConnection) throws(Violation) {
        while let use = connection.link.use(isWritable: connection.isWritable), let ask = connection.asks.first {
            switch use {
            case .head:
                guard connection.received >= ask.head else {
                    if connection.received > 0 { connection.link.headIsIncomplete(at: now) }
                    return
                }
                connection.received -= ask.head
                connection.asks[0].head = 0
            case .body:
                guard connection.received > 0 else { return }
                let count = min(connection.received, ask.body)
                connection.received -= count
                connection.asks[0].body -= count
            }
            guard connection.asks[0].body == 0 else {
                connection.link.bodyGoesOn(at: now)
                continue
            }
            try begin(connection.asks.removeFirst().client, on: connection)
        }
        try closeBehindLast(connection)
    }

    private mutating func begin(
        _ client: SimulatedClient,
        on connection: SimulatedClientConnection
    ) throws(Violation) {
        if let current = connection.current {
            throw Violation(.oneAfterTheOther, "\(client.number) begins before \(current.number) is answered")
        }
        connection.link.exchanges()
        connection.current = client
        clients.append(client)
        trace.note(
            "\(client.number) comes\(client.dialect == nil ? ", without a slot" : "")\(client.isPoison ? ", as poison" : "")"
        )
        guard client.dialect != nil else { return try handInSlotless(client, avoiding: nil) }
        try carryOut(client.exchange.submitted(scheduler.submit(client.exchange.request, at: now)), for: client)
    }

    /// A client has its answer, or knows that it gets none.
    mutating func hasEnded(_ client: SimulatedClient, _ end: SimulatedClient.End) throws(Violation) {
        client.end = end
        let connection = client.connection
        connection.current = nil
        switch end {
        case .kept:
            connection.link.isAnswered(at: now)
            readOn(connection)
            try use(connection)
        case .closed, .reset:
            connection.link.ends(lingers: end == .closed)
            guard !connection.link.takesBytes else {
                throw Violation(.theEndIsTheEnd, "what is left of a client is used behind its last answer")
            }
            hasGone(connection)
        case .left:
            hasGone(connection)
        }
    }

    /// The client reads again, or ceases to.
    mutating func turn(_ connection: SimulatedClientConnection) throws(Violation) {
        connection.isWritable.toggle()
        guard connection.isWritable else { return }
        switch connection.link.phase {
        case .idle, .readingHead:
            readOn(connection)
            try use(connection)
        case .readingBody, .exchanging, .closing, .lingering, .closed:
            break
        }
    }

    private func readOn(_ connection: SimulatedClientConnection) {
        if connection.link.readsOn() { connection.isRead = true }
    }

    private mutating func inputEnds(_ connection: SimulatedClientConnection) throws(Violation) {
        connection.isRead = false
        switch connection.link.inputEnds(at: now) {
        // It waits for its answer, and takes whatever it is asked by.
        case .nothing, .probe: break
        case .close, .closeUnlessUnsent:
            throw Violation(.nothingIsLost, "a client is left that has sent all of its requests")
        case .answerWhatIsThere: try closeBehindLast(connection)
        }
    }

    private mutating func closeBehindLast(_ connection: SimulatedClientConnection) throws(Violation) {
        guard connection.link.closeBehindLast(isWritable: connection.isWritable) != nil else { return }
        guard connection.asks.isEmpty, connection.current == nil else {
            throw Violation(.nothingIsLost, "a client is left that waits for answers")
        }
        hasGone(connection)
    }

    /// What it has asked beyond is nobody's any more.
    func hasGone(_ connection: SimulatedClientConnection) {
        connection.link.isClosed()
        connection.asks = []
    }

    /// In bytes, at one time.
    private static let mostRead = 64 << 10
    /// The same of what waits for its turn.
    private static let mostAhead = 64 << 10
}
