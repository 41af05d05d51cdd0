import AccessControl

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
    private var strangersByNetwork: [IPAddress?: Set<Number>] = [:]
    private var strangers = 0
    private var lastNumber: Number = 0
    private var turn: UInt64 = 0

    init(limits: Limits) {
        self.limits = limits
    }

    var count: Int { connections.count }

    mutating func arrived(from address: IPAddress?) -> Arrival {
        let network = address?.network
        var displaced: Number?
        let ofNetwork = strangersByNetwork[network] ?? []
        if ofNetwork.count >= limits.strangersOfOneAddress {
            guard let longest = longestSilent(of: ofNetwork) else { return .refused }
            displaced = longest
        } else if strangers >= limits.strangers || connections.count >= limits.total {
            guard let longest = longestSilent(of: strangersByNetwork.values.joined()) else { return .refused }
            displaced = longest
        }
        if let displaced { left(displaced) }
        lastNumber += 1
        turn += 1
        connections[lastNumber] = Connection(network: network, turn: turn)
        strangersByNetwork[network, default: []].insert(lastNumber)
        strangers += 1
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
        if gone.standing.isStranger { removeStranger(number, gone.network) }
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

    /// Those that wait before those that ask: what they ask takes no longer than a few seconds without a token.
    private func longestSilent(of numbers: some Sequence<Number>) -> Number? {
        var longest: (number: Number, isAsking: Bool, turn: UInt64)?
        for number in numbers {
            guard let connection = connections[number], connection.standing.isStranger else { continue }
            let isAsking = connection.standing == .asking
            if let known = longest, (known.isAsking ? 1 : 0, known.turn) <= (isAsking ? 1 : 0, connection.turn) {
                continue
            }
            longest = (number, isAsking, connection.turn)
        }
        return longest?.number
    }

    private mutating func change(_ number: Number, to standing: Standing) {
        guard let connection = connections[number] else { return }
        turn += 1
        connections[number]?.standing = standing
        connections[number]?.turn = turn
        switch (connection.standing.isStranger, standing.isStranger) {
        case (true, false): removeStranger(number, connection.network)
        case (false, true):
            strangersByNetwork[connection.network, default: []].insert(number)
            strangers += 1
        default: break
        }
    }

    private mutating func removeStranger(_ number: Number, _ network: IPAddress?) {
        strangers -= 1
        strangersByNetwork[network]?.remove(number)
        if strangersByNetwork[network]?.isEmpty == true { strangersByNetwork[network] = nil }
    }
}
