/// An upstream that its agent loads and unloads, as the balancer sees it.
struct OnDemandServer: Sendable {
    var terms: OnDemand
    var stage: Stage
    /// What its agent was asked for, and hasn't done yet.
    var wish: Wish?
    /// It loads since somebody waited for it, and nobody else wants it.
    var isLoadingForThem = false
    /// Since when nobody has waited for it, while it loads for nobody else.
    var unwantedSince: Instant?
    /// Whether its model has been there since it was loaded last.
    private var isWhole = false
    /// Why it goes; nil: its host has its own reasons, or it stays.
    var departure: WishReason?
    /// How many wishes in a row came to nothing.
    private(set) var failures = 0
    /// Nothing is wished of it until then.
    private(set) var pausedUntil = Instant(nanoseconds: .min)
    /// Why the last load came to nothing; nil: it didn't.
    private(set) var failure: String?

    enum Stage: Equatable, Sendable {
        case unloaded
        /// The last load failed, and nothing runs.
        case failing(String)
        case loading(since: Instant)
        /// Whether it is used or in trouble.
        case loaded(since: Instant)
        /// It is unloaded as soon as nothing runs there.
        case leaving
    }

    struct Wish: Equatable, Sendable {
        var kind: ModelWish
        var reason: WishReason
        var since: Instant
        var saidAt: Instant
    }

    /// Assumed of a model that was never loaded.
    static let unknownLoadTime = Nanoseconds(.seconds(10))
    private static let shortestStay = Nanoseconds(.seconds(1))
    private static let firstPause = Nanoseconds(.seconds(1))
    private static let longestPause = Nanoseconds(.seconds(60))

    init(_ terms: OnDemand, _ stage: Stage) {
        self.terms = terms
        self.stage = stage
        isWhole = loadedSince != nil || stage == .leaving
    }

    var loadTime: Nanoseconds { terms.loadTime.map { max(.zero, Nanoseconds($0)) } ?? Self.unknownLoadTime }

    /// Whether nothing of it is in memory, and nothing is about to be.
    var isAbsent: Bool {
        switch stage {
        case .unloaded, .failing: wish?.kind != .load
        case .loading, .loaded, .leaving: false
        }
    }

    /// Whether it is on its way to those who wait.
    var isAwaited: Bool {
        if case .loading = stage { true } else { wish?.kind == .load }
    }

    /// Whether its memory is about to be free.
    var isOnItsWayOut: Bool { stage == .leaving || wish?.kind == .unload }

    var loadedSince: Instant? {
        if case .loaded(let since) = stage { since } else { nil }
    }

    /// It has stayed for as long as it has to.
    func hasStayed(at now: Instant) -> Bool { loadedSince != nil && now >= stayEnds(at: now) }

    /// When it has stayed for as long as loading it took, a second at least; if it isn't loaded yet, as far as is known.
    func stayEnds(at now: Instant) -> Instant {
        let since =
            switch stage {
            case .loaded(let since): since
            case .loading(let since): max(now, since.advanced(by: loadTime))
            case .unloaded, .failing, .leaving: now.advanced(by: loadTime)
            }
        // And a little longer: its agent counts by another clock.
        return since.advanced(by: max(loadTime, Self.shortestStay) * 9 / 8 + Nanoseconds(.milliseconds(100)))
    }

    /// What has become of it with the last word.
    mutating func change(from before: Stage, at now: Instant) -> Placement.Change? {
        switch (before, stage) {
        case (.loading(let since), .loaded):
            isWhole = true
            departure = nil
            return .loaded(after: max(.zero, now - since))
        case (.unloaded, .failing), (.loading, .failing), (.loaded, .failing), (.leaving, .failing): return .failed
        case (.loading, .unloaded), (.loaded, .unloaded), (.leaving, .unloaded):
            defer { (isWhole, departure) = (false, nil) }
            return isWhole ? .unloaded(departure) : .givenUp
        case (_, .loaded):
            isWhole = true
            return nil
        case (_, .loading):
            isWhole = false
            return nil
        case (.unloaded, _), (.failing, _), (.loading, _), (.loaded, _), (.leaving, _): return nil
        }
    }

    mutating func failed(_ reason: String, at now: Instant) {
        failures += 1
        failure = reason
        pause(at: now)
    }

    /// Its agent doesn't do what it is asked for; that says nothing about its model.
    mutating func refused(at now: Instant) {
        failures += 1
        failure = nil
        departure = nil
        pause(at: now)
    }

    private mutating func pause(at now: Instant) {
        wish = nil
        let doublings = min(failures - 1, 6)
        let pause = min(Self.firstPause * (1 << Int64(doublings)), Self.longestPause)
        pausedUntil = now.advanced(by: pause)
    }

    mutating func succeeded() {
        failures = 0
        failure = nil
        pausedUntil = Instant(nanoseconds: .min)
    }
}
