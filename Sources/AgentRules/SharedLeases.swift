/// What the balancers of one agent have told of their leases, and so what each is to hear of the others'.
///
/// Counts are of connections: what a balancer had told goes with its connection, and what still runs of it then is nobody's, as
/// the next look at the slots shows.
///
/// That more is in use is told to all at once. That a slot has become free is told to one first, and to the next a moment later,
/// unless it is in use again by then: else each balancer with a queue would send a request there. Whose turn it is to be first goes
/// round.
package struct SharedLeases: Sendable {
    private var links: [Link]
    /// Who is told first when a slot becomes free next, or the one after it who wants to know.
    private var first = 0

    private struct Link {
        /// nil: its balancer tells nothing.
        var count: Int?
        var history = CountHistory()
        /// How many leases of others it hears of now.
        var others = 0
        /// When it hears that they are fewer; nil: it knows.
        var due: Duration?
    }

    /// By how much the word of a lease may be later than its request.
    private static let tolerance = Duration.milliseconds(100)
    /// In which a balancer can have used a slot, and have told of it, before the next one hears that it is free.
    private static let turn = Duration.milliseconds(20)

    package init(links: Int) {
        self.links = Array(repeating: Link(), count: links)
    }

    /// A balancer has told how many leases it has.
    ///
    /// - Parameter now: on the agent's clock.
    /// - Returns: whether the slots are to be looked at: until now, nobody knew whose these were.
    package mutating func told(_ count: Int, by link: Int, at now: Duration) -> Bool {
        let isFirst = links[link].count == nil
        links[link].count = count
        links[link].history.note(count, at: now)
        if isFirst { links[link].others = sum(without: link) }
        settle(at: now)
        return isFirst && count > 0
    }

    /// The connection to a balancer is over.
    ///
    /// - Returns: whether the slots are to be looked at: what it had may still run, or not.
    package mutating func ended(_ link: Int, at now: Duration) -> Bool {
        let hadSome = links[link].count.map { $0 > 0 } ?? false
        links[link] = Link()
        settle(at: now)
        return hadSome
    }

    /// Time has passed, to ``nextDue`` or beyond.
    package mutating func pass(to now: Duration) {
        for link in links.indices where links[link].due.map({ $0 <= now }) == true {
            links[link].due = nil
            links[link].others = sum(without: link)
        }
    }

    /// When one that waits for its turn hears what has become free.
    package var nextDue: Duration? { links.compactMap(\.due).min() }

    /// How many leases of its others a balancer is to hear of; nil: it tells nothing itself, and isn't told.
    package func others(than link: Int) -> Int? {
        links[link].count == nil ? nil : links[link].others
    }

    /// How many leases the balancers have told of, all together.
    package var told: Int { links.reduce(0) { $0 + ($1.count ?? 0) } }

    /// The most that the others of this balancer may have had in slots that were looked at since then; nil: none of them tells.
    package func mostOfOthers(than link: Int, since start: Duration) -> Int? {
        let telling = links.indices.filter { $0 != link && links[$0].count != nil }
        guard !telling.isEmpty else { return nil }
        return telling.reduce(0) { $0 + links[$1].history.most(since: start - Self.tolerance) }
    }

    private func sum(without link: Int) -> Int {
        links.indices.reduce(0) { $0 + ($1 == link ? 0 : links[$1].count ?? 0) }
    }

    private mutating func settle(at now: Duration) {
        pass(to: now)
        var turns = 0
        for offset in links.indices {
            let link = (first + offset) % links.count
            guard links[link].count != nil else { continue }
            let others = sum(without: link)
            guard others < links[link].others else {
                links[link].others = others
                links[link].due = nil
                continue
            }
            guard links[link].due == nil else { continue }
            if turns == 0 {
                links[link].others = others
            } else {
                links[link].due = now + Self.turn * turns
            }
            turns += 1
        }
        if turns > 1 { first = (first + 1) % links.count }
    }
}
