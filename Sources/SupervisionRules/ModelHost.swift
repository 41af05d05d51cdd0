import PrintableText

/// Which of a machine's models run: a state machine without clock or process.
///
/// Balancers wish; the host decides, since it alone knows what fits, and since there may be several balancers. Nothing that
/// runs is cut: a model that is to go is drained first.
package struct ModelHost: Sendable {
    /// By number, as everywhere here.
    package private(set) var models: [Model]

    /// By then everybody has heard what was said of the time before: also that nothing ran on the server then.
    private static let shortestStay = Duration.seconds(1)

    private let memoryBytes: Int
    /// Those that are still to be loaded at the start, in order.
    private var preloads: [Int] = []
    /// The one of them that is loading.
    private var preloading: Int?
    private var isStopping = false

    package struct Model: Sendable {
        package let rules: ModelRules
        package fileprivate(set) var phase = Phase.unloaded
        /// How long loading took last; nil: it wasn't loaded yet.
        package fileprivate(set) var loadTime: Duration?
        fileprivate var measuredBytes: Int?
        /// In a row.
        fileprivate var failures = 0

        /// What it takes while it runs, as far as is known.
        package var memoryBytes: Int {
            switch rules.memory {
            case .said(let bytes): bytes
            case .estimated(let bytes): measuredBytes ?? bytes
            }
        }
    }

    package enum Phase: Equatable, Sendable {
        case unloaded
        case loading(since: Duration)
        /// Also while its server is started again after a crash.
        case ready(Residence)
        /// It goes when nothing runs on it any more.
        case draining(Residence, for: Cause)
        /// Its server was told to end.
        case ending
        /// Its server has ended by itself, and isn't started again before then; says how it ended.
        case failed(String, until: Duration)
    }

    package struct Residence: Equatable, Sendable {
        /// When it was loaded, or last kept although it was about to go.
        fileprivate(set) var since: Duration
        fileprivate(set) var use: Use
    }

    package enum Use: Equatable, Sendable {
        /// Something ran in it when it was looked at last.
        case busy
        case idle(since: Duration)
    }

    /// Why a model goes.
    package enum Cause: Equatable, Sendable {
        case wish
        case ttl
    }

    package enum Wish: Equatable, Sendable {
        case load
        case unload
    }

    package enum Decision: Equatable, Sendable {
        case start(Int)
        /// Have balancers send nothing more, and say when nothing runs.
        case drain(Int, Cause)
        /// It isn't drained any more.
        case keep(Int)
        case end(Int)
        /// A wish isn't followed: why, in words.
        case refuse(Int, String)
    }

    /// - Parameter memoryBytes: what all that runs may take together.
    package init(_ models: [ModelRules], memoryBytes: Int) {
        self.models = models.map { Model(rules: $0) }
        self.memoryBytes = memoryBytes
    }

    /// When `timePassed` has something to decide, unless something happens before; nil: only what happens matters.
    package var nextDue: Duration? {
        models.compactMap(\.expiry).min()
    }

    // MARK: - What is wanted

    /// Loads what is to be loaded at the start: one after the other, so that none slows another down; pinned ones first.
    package mutating func begin(at now: Duration) -> [Decision] {
        let all = models.indices.filter { models[$0].rules.isPreloaded }
        preloads = all.filter { models[$0].rules.isPinned } + all.filter { !models[$0].rules.isPinned }
        return preloadNext(at: now)
    }

    /// A balancer wishes it.
    ///
    /// - Parameter isOrder: an operator wants it: even of what is pinned, was loaded just now, or failed a moment ago.
    package mutating func wish(_ wish: Wish, isOrder: Bool = false, of model: Int, at now: Duration) -> [Decision] {
        guard !isStopping else { return [] }
        return switch wish {
        case .load: load(model, isOrder: isOrder, at: now)
        case .unload: unload(model, isOrder: isOrder, at: now)
        }
    }

    /// All is to end. What runs on the servers has been waited for.
    package mutating func stop() -> [Decision] {
        isStopping = true
        preloads = []
        return models.indices.filter { models[$0].isRunning }.map { end($0) }
    }

    // MARK: - What happens

    /// A server answers requests, for the first time or again.
    package mutating func ready(_ model: Int, at now: Duration) -> [Decision] {
        guard case .loading(let since) = models[model].phase else { return [] }
        models[model].loadTime = now - since
        models[model].failures = 0
        models[model].phase = .ready(Residence(since: now, use: .idle(since: now)))
        return preloadedIfWanted(model, at: now)
    }

    /// A server is gone, with all that it had started.
    ///
    /// - Parameter failure: how it ended, if nobody had told it to.
    package mutating func ended(_ model: Int, failure: String?, at now: Duration) -> [Decision] {
        switch (models[model].phase, failure) {
        case (.unloaded, _), (.failed, _): return []
        case (.loading, let failure?), (.ready, let failure?), (.draining, let failure?):
            models[model].failures += 1
            let pause = Self.pause(after: models[model].failures)
            models[model].phase = .failed(failure, until: now + pause)
        case (.ending, _), (.loading, nil), (.ready, nil), (.draining, nil):
            models[model].phase = .unloaded
        }
        return preloadedIfWanted(model, at: now)
    }

    /// Nothing runs any more on a server that is draining.
    package mutating func drained(_ model: Int) -> [Decision] {
        guard case .draining = models[model].phase else { return [] }
        return [end(model)]
    }

    /// A server's slots were looked at.
    package mutating func sampled(_ model: Int, isBusy: Bool, at now: Duration) {
        guard case .ready(var residence) = models[model].phase else { return }
        switch (residence.use, isBusy) {
        case (.idle, false): return
        case (.busy, false): residence.use = .idle(since: now)
        case (_, true): residence.use = .busy
        }
        models[model].phase = .ready(residence)
    }

    /// A balancer is about to send something to a server.
    package mutating func aboutToBeUsed(_ model: Int, at now: Duration) {
        guard case .ready(var residence) = models[model].phase, case .idle = residence.use else { return }
        residence.use = .idle(since: now)
        models[model].phase = .ready(residence)
    }

    /// So much its server takes at this moment.
    package mutating func measured(_ model: Int, bytes: Int) {
        models[model].measuredBytes = max(models[model].measuredBytes ?? 0, bytes)
    }

    package mutating func timePassed(at now: Duration) -> [Decision] {
        models.indices.filter { models[$0].expiry.map { $0 <= now } ?? false }.map { drain($0, for: .ttl) }
    }

    // MARK: - Loading

    private mutating func load(_ model: Int, isOrder: Bool = false, at now: Duration) -> [Decision] {
        switch models[model].phase {
        case .loading:
            return []
        case .ready:
            aboutToBeUsed(model, at: now)
            return []
        case .draining(_, for: .ttl):
            // Whoever asks now waits for nothing, and who is told the opposite later finds it as if newly loaded.
            models[model].phase = .ready(Residence(since: now, use: .idle(since: now)))
            return [.keep(model)]
        case .draining(_, for: .wish), .ending:
            return [.refuse(model, "it is just being unloaded")]
        case .failed(let failure, let until) where now < until && !isOrder:
            return [.refuse(model, "\(failure). It is tried again in \(Self.seconds(until - now)) at the earliest")]
        case .unloaded, .failed:
            return start(model, at: now)
        }
    }

    private mutating func start(_ model: Int, at now: Duration) -> [Decision] {
        let need = models[model].memoryBytes
        guard need <= memoryBytes else {
            let words = "no room: needs \(MemoryText.of(need)), and there are only \(MemoryText.of(memoryBytes)) in all"
            return [.refuse(model, words)]
        }
        let free = max(0, memoryBytes - models.filter(\.isRunning).reduce(0) { $0 + $1.memoryBytes })
        guard need <= free else {
            let room = MemoryText.of(free, outOf: memoryBytes)
            return [.refuse(model, "no room: needs \(MemoryText.of(need)), \(room) are free")]
        }
        preloads.removeAll { $0 == model }
        models[model].phase = .loading(since: now)
        return [.start(model)]
    }

    private mutating func preloadNext(at now: Duration) -> [Decision] {
        var decisions: [Decision] = []
        while preloading == nil, let next = preloads.first {
            preloads.removeFirst()
            let decided = load(next, at: now)
            if decided == [.start(next)] { preloading = next }
            decisions += decided
        }
        return decisions
    }

    private mutating func preloadedIfWanted(_ model: Int, at now: Duration) -> [Decision] {
        guard preloading == model else { return [] }
        preloading = nil
        return preloadNext(at: now)
    }

    /// A second, and each time twice as long, up to a minute.
    private static func pause(after failures: Int) -> Duration {
        .seconds(min(60, 1 << min(max(0, failures - 1), 6)))
    }

    // MARK: - Unloading

    private mutating func unload(_ model: Int, isOrder: Bool, at now: Duration) -> [Decision] {
        switch models[model].phase {
        case .unloaded, .failed, .ending, .draining(_, for: .wish):
            return []
        case .draining(let residence, for: .ttl):
            models[model].phase = .draining(residence, for: .wish)
            return []
        case .loading, .ready:
            guard isOrder || !models[model].rules.isPinned else { return [.refuse(model, "it is pinned")] }
        }
        guard case .ready(let residence) = models[model].phase else { return [end(model)] }
        // Or two models would take turns at being loaded and never at answering.
        let stay = residence.since + max(models[model].loadTime ?? .zero, Self.shortestStay) - now
        guard isOrder || stay <= .zero else {
            return [.refuse(model, "it was loaded just now, and stays for \(Self.seconds(stay)) more")]
        }
        return [drain(model, for: .wish)]
    }

    private mutating func drain(_ model: Int, for cause: Cause) -> Decision {
        if case .ready(let residence) = models[model].phase {
            models[model].phase = .draining(residence, for: cause)
        }
        return .drain(model, cause)
    }

    private mutating func end(_ model: Int) -> Decision {
        models[model].phase = .ending
        return .end(model)
    }

    /// Rounded up.
    private static func seconds(_ time: Duration) -> String {
        let (seconds, attoseconds) = time.components
        return "\(attoseconds > 0 ? seconds + 1 : seconds) s"
    }
}

extension ModelHost.Model {
    /// Whether its server takes memory.
    package var isRunning: Bool {
        switch phase {
        case .loading, .ready, .draining, .ending: true
        case .unloaded, .failed: false
        }
    }

    /// When it has had nothing to do for too long; nil: never.
    fileprivate var expiry: Duration? {
        guard let ttl = rules.ttl, case .ready(let residence) = phase, case .idle(let since) = residence.use else {
            return nil
        }
        return since + ttl
    }
}
