/// Clients' addresses, each a tenant of its own where nobody has a key: an IPv4 address, or an IPv6 network of 64 bits.
///
/// Bounded: the one that was seen longest ago is forgotten, and is another one when it comes back.
public struct AddressTenants: Sendable {
    private struct Entry {
        var network: IPAddress
        var number: Int
        /// Who was seen next after it, and last before it; places among ``entries``.
        var newer: Int
        var older: Int
    }

    public static let usualLimit = 65_536

    private let limit: Int
    private var entries: [Entry] = []
    private var places: [IPAddress: Int] = [:]
    private var newest = 0
    private var oldest = 0
    private var last = 0

    /// - Parameter limit: how many are remembered, at least 1.
    public init(limit: Int = usualLimit) {
        self.limit = max(1, limit)
    }

    public var count: Int { entries.count }

    /// - Returns: from 1 on; the same for an address for as long as it is remembered, and never another's.
    public mutating func number(of address: IPAddress) -> Int {
        let network = address.network
        if let place = places[network] {
            moveToFront(place)
            return entries[place].number
        }
        last += 1
        let place: Int
        if entries.count < limit {
            place = entries.count
            entries.append(Entry(network: network, number: last, newer: place, older: place))
            if place == 0 {
                newest = 0
                oldest = 0
            } else {
                putInFront(place)
            }
        } else {
            place = oldest
            places[entries[place].network] = nil
            entries[place].network = network
            entries[place].number = last
            moveToFront(place)
        }
        places[network] = place
        return last
    }

    private mutating func moveToFront(_ place: Int) {
        guard place != newest else { return }
        let entry = entries[place]
        entries[entry.newer].older = entry.older
        if place == oldest { oldest = entry.newer } else { entries[entry.older].newer = entry.newer }
        putInFront(place)
    }

    private mutating func putInFront(_ place: Int) {
        entries[newest].newer = place
        entries[place].older = newest
        newest = place
    }
}
