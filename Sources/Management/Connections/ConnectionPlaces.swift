import AccessControl
import NIOCore

/// Which connections the management listener keeps when more come than there is room for.
///
/// Connections that have shown a token, or on which something is being done for somebody who was let in, keep their places.
/// All others are *strangers*. They have a part of the places, each address a part of that; beyond it, the one that has said
/// nothing for longest makes room. So whoever comes and asks at once is served, however many hold connections and say
/// nothing, and agents find room.
struct ConnectionPlaces {
    /// Tells the connections of one process apart.
    typealias Number = UInt64

    struct Limits: Equatable {
        /// All connections.
        let total: Int
        let strangers: Int
        /// Of one address; of IPv6, of one network of 64 bits.
        let strangersOfOneAddress: Int

        /// - Parameter total: at least 1.
        init(total: Int) {
            self.total = total
            strangers = max(1, total * 3 / 4)
            // Not fewer where there are many places: a large fleet that comes back at once may come from one address, and who comes
            // next must not displace those that haven't been read yet.
            strangersOfOneAddress = min(strangers, max(16, total / 8))
        }
    }

    enum Arrival: Equatable {
        /// It has a place, and another one may have lost its own.
        case accepted(Number, displacing: Number?)
        case refused
    }

    private enum Standing: Equatable {
        /// No request is being read or served.
        case waiting
        case asking
        /// Something is done for who was let in; nothing was shown that would count for the next request.
        case admitted
        case known(Credential)

        var isStranger: Bool { self == .waiting || self == .asking }
    }

    private struct Connection {
        let network: IPAddress?
        var standing = Standing.waiting
        /// When it last changed, by the count of changes.
        var turn: UInt64
    }

    let limits: Limits
    private var connections: [Number: Connection] = [:]
    private var strangers = StrangerLine()
    private var strangersByNetwork: [IPAddress?: StrangerLine] = [:]
    private var lastNumber: Number = 0
    private var turn: UInt64 = 0

    init(limits: Limits) {
        self.limits = limits
    }

    var count: Int { connections.count }

    mutating func arrived(from address: IPAddress?) -> Arrival {
        let network = address?.network
        var displaced: Number?
        if strangersByNetwork[network]?.count ?? 0 >= limits.strangersOfOneAddress {
            displaced = strangersByNetwork[network]?.longestSilent(in: connections)
            guard displaced != nil else { return .refused }
        } else if strangers.count >= limits.strangers || connections.count >= limits.total {
            displaced = strangers.longestSilent(in: connections)
            guard displaced != nil else { return .refused }
        }
        if let displaced { left(displaced) }
        lastNumber += 1
        turn += 1
        let connection = Connection(network: network, turn: turn)
        connections[lastNumber] = connection
        addStranger(lastNumber, connection)
        return .accepted(lastNumber, displacing: displaced)
    }

    /// A request's head has come.
    mutating func asks(_ number: Number) {
        guard connections[number]?.standing == .waiting else { return }
        change(number, to: .asking)
    }

    /// Who asks was let in.
    ///
    /// - Parameter credential: by what; nil: nobody is asked for anything.
    mutating func admitted(_ number: Number, with credential: Credential?) {
        change(number, to: credential.map { .known($0) } ?? .admitted)
    }

    /// The answer's end is written.
    mutating func answered(_ number: Number) {
        guard let standing = connections[number]?.standing else { return }
        switch standing {
        case .known: break
        case .waiting, .asking, .admitted: change(number, to: .waiting)
        }
    }

    mutating func left(_ number: Number) {
        guard let gone = connections.removeValue(forKey: number) else { return }
        if gone.standing.isStranger { removeStranger(of: gone.network) }
    }

    /// - Parameter isAdmitted: whether somebody who shows this would still be let in.
    /// - Returns: connections that would not be.
    func withdrawn(_ isAdmitted: (Credential) -> Bool) -> [Number] {
        var verdicts: [Credential: Bool] = [:]
        return connections.compactMap { number, connection in
            guard case .known(let credential) = connection.standing else { return nil }
            let verdict = verdicts[credential] ?? isAdmitted(credential)
            verdicts[credential] = verdict
            return verdict ? nil : number
        }
    }

    // MARK: - Strangers

    private mutating func change(_ number: Number, to standing: Standing) {
        guard var connection = connections[number] else { return }
        if connection.standing.isStranger { removeStranger(of: connection.network) }
        turn += 1
        connection.standing = standing
        connection.turn = turn
        connections[number] = connection
        if standing.isStranger { addStranger(number, connection) }
    }

    private mutating func addStranger(_ number: Number, _ connection: Connection) {
        strangers.append(number, connection, in: connections)
        strangersByNetwork[connection.network, default: StrangerLine()].append(number, connection, in: connections)
    }

    private mutating func removeStranger(of network: IPAddress?) {
        strangers.count -= 1
        strangersByNetwork[network]?.count -= 1
        if strangersByNetwork[network]?.count == 0 { strangersByNetwork[network] = nil }
    }
}

extension ConnectionPlaces {
    /// Strangers in the order in which they came to stand as they do, so that a flood doesn't have all of them looked through for each
    /// connection that comes. Whoever has left or stands otherwise keeps an entry until it comes to the front, or until more than
    /// half of the entries are such ones.
    private struct StrangerLine {
        private struct Entry {
            let number: Number
            let turn: UInt64
        }

        /// Without those that have left or stand otherwise.
        var count = 0
        private var waiting: CircularBuffer<Entry> = []
        private var asking: CircularBuffer<Entry> = []

        mutating func append(_ number: Number, _ connection: Connection, in connections: [Number: Connection]) {
            count += 1
            if waiting.count + asking.count >= 2 * count + 16 {
                waiting.removeAll { !Self.stands($0, in: connections) }
                asking.removeAll { !Self.stands($0, in: connections) }
            }
            let entry = Entry(number: number, turn: connection.turn)
            if connection.standing == .asking { asking.append(entry) } else { waiting.append(entry) }
        }

        /// Those that wait before those that ask: what they ask takes no longer than a few seconds without a token.
        mutating func longestSilent(in connections: [Number: Connection]) -> Number? {
            Self.first(of: &waiting, in: connections) ?? Self.first(of: &asking, in: connections)
        }

        private static func first(of line: inout CircularBuffer<Entry>, in connections: [Number: Connection]) -> Number?
        {
            while let entry = line.first, !stands(entry, in: connections) { line.removeFirst() }
            return line.first?.number
        }

        private static func stands(_ entry: Entry, in connections: [Number: Connection]) -> Bool {
            connections[entry.number]?.turn == entry.turn
        }
    }
}
