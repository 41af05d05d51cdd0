import LlamaServer

/// The upstreams that serve each model, each pool with its own order of picking. Number 0 is the pool of all upstreams, and
/// the only one as long as the fleet serves one model and its servers are alike. Where those of one model differ, there are
/// pools of some of them besides.
struct ModelPools: Sendable {
    /// The pool of all.
    static let everything = 0

    private let balance: Balance
    private(set) var isDivided = false
    private var pickers: [UpstreamPicker]
    /// The totals over each pool.
    private var summaries = [FleetSummary()]
    private var numbers: [String: Int] = [:]
    /// By pool; nil: that of all, or one that is free.
    private var names: [String?] = [nil]
    private var free: [Int] = []
    /// By upstream: the pools that it is in, besides that of all.
    private var memberships: [[Int]] = []
    /// By the pool of each model whose servers differ.
    private var families: [Int: ModelFamily] = [:]
    /// By the pool of some of a model's servers: the model's.
    private var bases: [Int: Int] = [:]
    /// Whether there are pools of some of a model's servers.
    private(set) var isMixed = false
    /// By role: the pool of the only model for it, where there are several.
    private var onlyPools: [ServerRole: Int] = [:]
    /// Where something may have changed for those who wait, each once.
    private(set) var touched: [Int] = []
    private var isTouched: [Bool] = [false]

    /// Of servers that don't say what they serve.
    private static let nameless = ""

    init(balance: Balance) {
        self.balance = balance
        pickers = [UpstreamPicker(balance: balance)]
    }

    subscript(pool: Int) -> UpstreamPicker {
        _read { yield pickers[pool] }
    }

    func summary(of pool: Int) -> FleetSummary { summaries[pool] }

    /// The pool of those that serve what goes by this name; nil: there is none.
    func number(of name: String) -> Int? { numbers[name] }

    /// What those of this pool serve goes by; nil: all of them, or those that don't say what they serve.
    func name(of pool: Int) -> String? {
        names[bases[pool] ?? pool].flatMap { $0 == Self.nameless ? nil : $0 }
    }

    /// The pool of those that don't say what they serve, if there are any.
    var ofNameless: Int? { numbers[Self.nameless] }

    /// The pools beside that of all, with the names that they go by, those that came first in front. The name of those
    /// that don't say what they serve is nil.
    var ofNames: some Sequence<(name: String?, pool: Int)> {
        names.indices.lazy.compactMap { pool in
            names[pool].map { (name: $0 == Self.nameless ? nil : $0, pool: pool) }
        }
    }

    /// Whether requests wait in more than one pool.
    var areSeveral: Bool { isDivided || isMixed }

    /// The only pool that the upstream is in; nil: there are several, or none.
    func onlyPool(of upstream: Int) -> Int? {
        guard isDivided else { return memberships[upstream].isEmpty ? Self.everything : nil }
        return memberships[upstream].count == 1 ? memberships[upstream][0] : nil
    }

    /// Those that requests for it wait in.
    func pools(of upstream: Int) -> [Int] {
        isDivided ? memberships[upstream] : [Self.everything] + memberships[upstream]
    }

    /// How the servers of a model differ; nil: for nothing that requests want.
    func family(of pool: Int) -> ModelFamily? { families[pool] }

    /// The pool of the only model for this work, where there are several; nil: there is none, or more than one.
    func onlyPool(for work: ServerRole) -> Int? { onlyPools[work] }

    /// A model's pool, and those of some of its servers.
    func allPools(of pool: Int) -> [Int] { [pool] + (families[pool]?.numbers.values.sorted() ?? []) }

    func isMember(_ upstream: Int, of pool: Int) -> Bool {
        pool == Self.everything || memberships[upstream].contains(pool)
    }

    // MARK: - Changes

    /// Room for one more upstream.
    mutating func addUpstream() {
        memberships.append([])
    }

    /// After every change of an upstream.
    ///
    /// - Parameters:
    ///   - before: what it had added to the totals.
    ///   - after: what it adds to them now.
    mutating func update(
        _ index: Int,
        _ upstream: borrowing Upstream,
        from before: FleetSummary,
        to after: FleetSummary
    ) {
        pickers[Self.everything].update(index, upstream)
        if before != after { summaries[Self.everything].replace(before, with: after) }
        guard areSeveral else { return }
        if !isDivided { touch(Self.everything) }
        for pool in memberships[index] {
            pickers[pool].update(index, upstream)
            if before != after { summaries[pool].replace(before, with: after) }
            touch(pool)
        }
    }

    /// - Parameters:
    ///   - share: what it has added to the totals.
    ///   - names: what the upstream serves goes by; those of none go to a pool of their own.
    mutating func place(
        _ index: Int,
        _ upstream: borrowing Upstream,
        _ share: FleetSummary,
        in names: [String],
        _ traits: ServerTraits
    ) {
        leave(index, share)
        guard areSeveral else { return }
        var pools: Set<Int> = []
        if isDivided { pools.formUnion(Set(names.isEmpty ? [Self.nameless] : names).map { made($0) }) }
        for pool in isDivided ? Array(pools) : [Self.everything] {
            for (filter, number) in families[pool]?.numbers ?? [:] where filter.admits(traits) { pools.insert(number) }
        }
        memberships[index] = pools.sorted()
        for pool in memberships[index] {
            pickers[pool].update(index, upstream)
            summaries[pool].replace(FleetSummary(), with: share)
            touch(pool)
        }
    }

    /// The upstream is forgotten, or serves something else from now on.
    ///
    /// - Parameter share: what it has added to the totals.
    mutating func leave(_ index: Int, _ share: FleetSummary) {
        for pool in memberships[index] {
            pickers[pool].remove(index)
            summaries[pool].replace(share, with: FleetSummary())
            touch(pool)
        }
        memberships[index] = []
    }

    /// The pool for this name, made if there is none yet.
    mutating func made(_ name: String) -> Int {
        if let known = numbers[name] { return known }
        let number = madePool()
        numbers[name] = number
        names[number] = name
        return number
    }

    private mutating func madePool() -> Int {
        if let last = free.popLast() { return last }
        pickers.append(UpstreamPicker(balance: balance))
        summaries.append(FleetSummary())
        isTouched.append(false)
        names.append(nil)
        return pickers.count - 1
    }

    /// From now on other pools are needed: every upstream is to be placed anew.
    mutating func build(_ layout: ModelLayout) {
        isDivided = layout.isDivided
        reset()
        for (name, offer) in layout.offers.sorted(by: { $0.key ?? "" < $1.key ?? "" }) {
            let pool = isDivided ? made(name ?? Self.nameless) : Self.everything
            let filters = offer.filters.sorted {
                ($0.work?.rawValue ?? "", $0.context) < ($1.work?.rawValue ?? "", $1.context)
            }
            var numbers: [PoolFilter: Int] = [:]
            for filter in filters {
                let number = madePool()
                numbers[filter] = number
                bases[number] = pool
            }
            families[pool] = ModelFamily(offer: offer, pool: pool, numbers: numbers)
            if !numbers.isEmpty { isMixed = true }
        }
        for (role, name) in layout.onlyModels { onlyPools[role] = made(name) }
    }

    private mutating func reset() {
        families = [:]
        bases = [:]
        isMixed = false
        onlyPools = [:]
        numbers = [:]
        names = [nil]
        free = []
        pickers.removeLast(pickers.count - 1)
        summaries.removeLast(summaries.count - 1)
        isTouched = [false]
        touched = []
        for index in memberships.indices { memberships[index] = [] }
    }

    /// Gives up the pools of names that nobody says any more.
    ///
    /// - Parameter isNeeded: told a pool's name and number.
    mutating func removeUnneeded(_ isNeeded: (String, Int) -> Bool) {
        for (name, number) in numbers where pickers[number].isEmpty && !isNeeded(name, number) {
            guard !memberships.contains(where: { $0.contains(number) }) else { continue }
            numbers[name] = nil
            names[number] = nil
            free.append(number)
        }
    }

    // MARK: - Where to look

    mutating func touch(_ pool: Int) {
        guard areSeveral, !isTouched[pool] else { return }
        isTouched[pool] = true
        touched.append(pool)
    }

    /// All have been looked at.
    mutating func settle() {
        for pool in touched { isTouched[pool] = false }
        touched.removeAll(keepingCapacity: true)
    }
}

extension ModelPools {
    func violations(_ upstreams: [Upstream]) -> [String] {
        var found = pickers[Self.everything].violations(upstreams)
        for pool in pickers.indices.dropFirst() {
            found += pickers[pool].violations(upstreams) { memberships[$0].contains(pool) }
        }
        for pool in summaries.indices {
            var sum = FleetSummary()
            for (index, upstream) in upstreams.enumerated() where isMember(index, of: pool) {
                sum.replace(FleetSummary(), with: upstream.share)
            }
            guard sum != summaries[pool] else { continue }
            found.append("the summary of pool \(pool) is \(summaries[pool]), the sum \(sum)")
        }
        let named = names.enumerated().compactMap { pool, name in name.map { ($0, pool) } }
        if names.count != pickers.count || Dictionary(uniqueKeysWithValues: named) != numbers {
            found.append("the names of pools are \(names), their numbers \(numbers)")
        }
        if !areSeveral, pickers.count > 1 || memberships.contains(where: { !$0.isEmpty }) {
            found.append("there are pools although there is one model")
        }
        return found
    }
}
