/// Which models are loaded and unloaded where, for those who wait: a state machine over the upstreams that their agents load on
/// demand.
///
/// The rules, `docs/serve.md` in words:
/// - A model is loaded when somebody waits for it and nobody serves it, or when the first of those who wait has waited for as
///   long as loading it once more would take. Where it fits beside what is there; else where what has to go is missed least:
///   what nobody uses, the longest unused first.
/// - What is in use, or has somebody waiting, gets nothing new, and goes when nothing runs there any more, as soon as others have waited for
///   long enough: requests for one model are served together, and bounded in time.
/// - A model stays for at least as long as loading it took. A pinned one never goes.
/// - Where those who have waited longest have to wait until others have gone, the host is kept for them: who came later gets there
///   what isn't needed for that.
/// - What loads for nobody any more is given up.
/// - What fails or is refused is tried again elsewhere at once, and there after pauses that grow.
struct Placement: Sendable {
    /// By upstream.
    var servers: [Int: OnDemandServer] = [:]
    /// As they were at the last look, and with what was wished since.
    private var hosts: [String: HostMemory] = [:]
    /// By host: the upstream that is loaded there next, and waits until others have gone.
    var plans: [String: Int] = [:]
    /// By host: what may still be loaded there in this look, in bytes, without delaying those who have waited longer; none: everything.
    var spare: [String: Int] = [:]
    /// What somebody wants loaded without a request, until it is, or so long has passed.
    private(set) var orders: [(servers: [Int], since: Instant)] = []
    /// Whether other hosts, or hosts with other models, have been heard of since that was settled.
    private(set) var announcementsHaveChanged = false
    /// Whether something has happened that may matter.
    private(set) var mustLook = false
    /// When to look again although nothing happens.
    private(set) var nextLook: Instant?
    let longestPatience: Nanoseconds

    /// What a pool's waiting requests want.
    struct Want: Sendable {
        /// Servers of the pool that are loaded on demand.
        var servers: [Int]
        /// How many serve it now.
        var usable: Int
        /// How long the first of them has waited.
        var waited: Nanoseconds
        /// Whether there is another server of the pool, in trouble or about to come back.
        var hasOthers: Bool
        var pool: Int
    }

    /// How a server is used.
    struct Use: Sendable {
        /// Nothing runs there, and nobody waits for what it serves.
        var isUnused: Bool
        var lastUsed: Instant
    }

    /// What is to be done.
    struct Verdict: Sendable {
        /// - Parameter reason: nil: it was said before.
        var wishes: [(upstream: Int, wish: ModelWish, reason: WishReason?)] = []
        /// Pools whose requests can't be served, and why not.
        var hopeless: [(pool: Int, reason: String)] = []
    }

    /// What has become of a server.
    enum Change: Sendable {
        case loaded(after: Duration)
        case failed
        /// It hadn't been loaded yet.
        case givenUp
        /// - Parameter reason: nil: its host's own.
        case unloaded(WishReason?)
    }

    private static let orderLimit = Nanoseconds(.seconds(120))
    private static let mostOrders = 100
    private static let repetition = Nanoseconds(.seconds(2))
    /// An agent that hasn't done what it was asked for by then won't.
    private static let answerLimit = Nanoseconds(.seconds(10))
    /// Clients that come back soon find their model loading.
    private static let abandonment = Nanoseconds(.seconds(5))
    private static let lookInterval = Nanoseconds(.milliseconds(250))
    static let shortestPatience = Nanoseconds(.seconds(1))

    /// - Parameter longestPatience: how long those who wait let a model that is in use stay, at most.
    init(longestPatience: Nanoseconds) {
        self.longestPatience = longestPatience
    }

    var isEmpty: Bool { servers.isEmpty }

    /// When ``decide(_:_:at:)`` would do something; nil: only what happens matters.
    func due(after latest: Instant) -> Instant? { mustLook ? latest : nextLook.map { max($0, latest) } }

    /// Something has happened: somebody began to wait or left, or a server has changed.
    mutating func look() {
        if !servers.isEmpty { mustLook = true }
    }

    /// What has happened since was its own doing.
    mutating func looked() {
        mustLook = false
    }

    // MARK: - What agents say

    mutating func reported(
        _ upstream: Int,
        _ terms: OnDemand,
        _ condition: Condition,
        isLeaving: Bool,
        at now: Instant
    ) -> Change? {
        mustLook = true
        if servers[upstream]?.terms.hostModels != terms.hostModels { announcementsHaveChanged = true }
        guard var server = servers[upstream] else {
            servers[upstream] = OnDemandServer(terms, Self.stage(condition, isLeaving, since: now))
            return nil
        }
        let before = server.stage
        let isRefused = terms.refusals != server.terms.refusals
        server.terms = terms
        server.stage = Self.stage(condition, isLeaving, after: before, since: now)
        settle(&server, after: before, at: now)
        if isRefused, server.wish != nil { server.refused(at: now) }
        let change = server.change(from: before, at: now)
        servers[upstream] = server
        return change
    }

    /// An operator wants it loaded or unloaded; its agent decides.
    mutating func asked(_ kind: ModelWish, of upstream: Int, at now: Instant) {
        guard let server = servers[upstream] else { return }
        switch (kind, server.isAbsent) {
        case (.load, true), (.unload, false):
            servers[upstream]?.wish = .init(kind: kind, reason: .asked, since: now, saidAt: now)
            servers[upstream]?.departure = kind == .unload ? .asked : nil
            plans[server.terms.host] = nil
        case (.load, false), (.unload, true): break
        }
        mustLook = true
    }

    /// One of these is to be loaded.
    mutating func order(_ servers: [Int], at now: Instant) {
        guard orders.count < Self.mostOrders, !orders.contains(where: { $0.servers == servers }) else { return }
        orders.append((servers, now))
        mustLook = true
    }

    /// Nobody wants any of these loaded any more.
    mutating func withdrawOrders(for servers: [Int]) {
        orders.removeAll { !Set($0.servers).isDisjoint(with: servers) }
    }

    /// The names of all models of the hosts that have been heard of.
    var announced: Set<String> { servers.values.reduce(into: []) { $0.formUnion($1.terms.hostModels) } }

    mutating func settleAnnouncements() {
        announcementsHaveChanged = false
    }

    /// Nobody speaks for it any more, or it isn't loaded on demand.
    mutating func remove(_ upstream: Int) {
        guard servers.removeValue(forKey: upstream) != nil else { return }
        mustLook = true
        announcementsHaveChanged = true
        plans = plans.filter { $0.value != upstream }
    }

    private static func stage(
        _ condition: Condition,
        _ isLeaving: Bool,
        after before: OnDemandServer.Stage? = nil,
        since now: Instant
    ) -> OnDemandServer.Stage {
        switch condition {
        case .unloaded: return .unloaded
        case .failing(let reason): return .failing(reason)
        case _ where isLeaving: return .leaving
        case .loading, .restarting:
            if case .loading(let since) = before { return .loading(since: since) }
            return .loading(since: now)
        case .down, .ready, .unresponsive, .stuck, .unauthorized, .slotsDisabled, .unexpected:
            if case .loaded(let since) = before { return .loaded(since: since) }
            return .loaded(since: now)
        }
    }

    private func settle(_ server: inout OnDemandServer, after before: OnDemandServer.Stage, at now: Instant) {
        switch server.stage {
        case .loading:
            if let wish = server.wish, wish.kind == .load {
                server.isLoadingForThem = wish.reason == .awaited
                server.wish = nil
            }
        case .loaded:
            if server.wish?.kind == .load { server.wish = nil }
            server.isLoadingForThem = false
            server.unwantedSince = nil
            server.succeeded()
        case .failing(let reason):
            let isNew = before != server.stage
            server.isLoadingForThem = false
            if isNew { server.failed(reason, at: now) }
        case .leaving, .unloaded:
            server.isLoadingForThem = false
            server.unwantedSince = nil
            if server.wish?.kind == .unload { server.wish = nil }
        }
    }

    // MARK: - Deciding

    /// - Parameter uses: of all servers, by upstream.
    mutating func decide(_ wants: [Want], _ uses: [Int: Use], at now: Instant) -> Verdict {
        mustLook = false
        lookAtHosts()
        var verdict = Verdict()
        orders.removeAll { order in
            now.since(order.since) >= Self.orderLimit || order.servers.contains { servers[$0]?.loadedSince != nil }
        }
        let wants =
            wants
            + orders.map { order in
                let known = order.servers.filter { servers[$0] != nil }
                return Want(servers: known, usable: 0, waited: now.since(order.since), hasOthers: true, pool: -1)
            }
        let wanted = Set(wants.flatMap(\.servers))
        sayAgain(wanted, &verdict, at: now)
        giveUpUnwanted(wanted, &verdict, at: now)
        carryOutPlans(wants, &verdict, at: now)
        for want in wants.sorted(by: { ($1.waited, $0.pool) < ($0.waited, $1.pool) }) {
            serve(want, uses, &verdict, at: now)
        }
        let isUnfinished =
            !wants.isEmpty || !plans.isEmpty || servers.values.contains { $0.wish != nil || $0.isLoadingForThem }
        nextLook = isUnfinished ? now.advanced(by: Self.lookInterval) : nil
        return verdict
    }

    private mutating func sayAgain(_ wanted: Set<Int>, _ verdict: inout Verdict, at now: Instant) {
        for upstream in servers.keys.sorted() {
            guard let wish = servers[upstream]?.wish else { continue }
            // Where nobody waits any more, its agent may have begun all the same.
            let isVain = wish.kind == .load && wish.reason == .awaited && !wanted.contains(upstream)
            if now.since(wish.since) >= Self.answerLimit {
                if isVain { servers[upstream]?.wish = nil } else { servers[upstream]?.refused(at: now) }
            } else if !isVain, now.since(wish.saidAt) >= Self.repetition {
                servers[upstream]?.wish?.saidAt = now
                verdict.wishes.append((upstream, wish.kind, nil))
            }
        }
    }

    private mutating func giveUpUnwanted(_ wanted: Set<Int>, _ verdict: inout Verdict, at now: Instant) {
        for upstream in servers.keys.sorted() where servers[upstream]?.isLoadingForThem == true {
            guard !wanted.contains(upstream) else {
                servers[upstream]?.unwantedSince = nil
                continue
            }
            let since = servers[upstream]?.unwantedSince ?? now
            servers[upstream]?.unwantedSince = since
            guard now.since(since) >= Self.abandonment, let server = servers[upstream], server.wish == nil,
                !server.terms.isPinned
            else { continue }
            wish(.unload, of: upstream, .abandoned, &verdict, at: now)
        }
    }

    private mutating func carryOutPlans(_ wants: [Want], _ verdict: inout Verdict, at now: Instant) {
        for (host, planned) in plans.sorted(by: { $0.key < $1.key }) {
            let isWanted = wants.contains { want in
                want.servers.contains(planned) && !want.servers.contains { servers[$0]?.isAwaited == true }
            }
            guard let server = servers[planned], server.isAbsent, isWanted else {
                plans[host] = nil
                continue
            }
            let memory = self.host(of: server)
            if server.terms.memory <= memory.free {
                plans[host] = nil
                wish(.load, of: planned, .awaited, &verdict, at: now)
            } else if server.terms.memory > memory.free + memory.outgoing {
                // What was to go stays.
                plans[host] = nil
            }
        }
    }

    mutating func wish(
        _ kind: ModelWish,
        of upstream: Int,
        _ reason: WishReason,
        _ verdict: inout Verdict,
        at now: Instant
    ) {
        guard let before = servers[upstream] else { return }
        servers[upstream]?.wish = .init(kind: kind, reason: reason, since: now, saidAt: now)
        servers[upstream]?.departure = kind == .unload ? reason : nil
        let memory = before.terms.memory
        switch kind {
        case .load:
            hosts[before.terms.host]?.free -= memory
            spare[before.terms.host]? -= memory
        case .unload: hosts[before.terms.host]?.outgoing += memory
        }
        verdict.wishes.append((upstream, kind, reason))
    }

    // MARK: - Memory

    private mutating func lookAtHosts() {
        hosts = [:]
        spare = [:]
        for (upstream, server) in servers {
            let host = hosts[server.terms.host] ?? HostMemory(free: server.terms.hostMemory)
            hosts[server.terms.host] = host.with(upstream, server)
        }
    }

    func host(of server: OnDemandServer) -> HostMemory {
        hosts[server.terms.host] ?? HostMemory(free: server.terms.hostMemory)
    }
}

extension Placement {
    func residency(of upstream: Int, at now: Instant) -> Residency? {
        servers[upstream].map { server in
            Residency(
                terms: server.terms,
                loadedFor: server.loadedSince.map { max(.zero, now - $0) },
                wish: server.wish?.kind,
                failure: server.failure
            )
        }
    }
}
