import Dispatch
public import Logging
import Synchronization

/// Keeps usage: on disk where there is a folder for it, and in memory until it is there.
///
/// Any thread may call it. What is slow happens on threads of its own, where no request waits.
public final class UsageStore: Sendable {
    /// What tenants are charged of their daily budgets.
    public struct Charges: Equatable, Sendable {
        /// Since 1970, in UTC.
        public let day: Int
        /// By tenant.
        public let tokens: [String: Int]
    }

    private let state = Mutex(State())
    /// Locked on ``thread`` alone: nobody waits for it.
    private let keeper: Mutex<UsageKeeper>
    private let thread = DispatchQueue(label: "paddler.usage")
    /// One question after the other, so that no one that comes waits on ``thread``.
    private let questions = DispatchQueue(label: "paddler.usage.questions")
    private let retention: Int
    private let now: @Sendable () -> Int
    private let logger: Logger

    private struct State {
        var ledger = UsageLedger()
        var totals = UsageTotals()
        /// The thread was asked to write what there is.
        var wakes = false
        var pause = UsageStore.pause
    }

    private static let pause = DispatchTimeInterval.seconds(1)
    private static let pauseInTrouble = DispatchTimeInterval.seconds(5)
    private static let lastPatience = DispatchTimeInterval.seconds(5)

    /// - Parameters:
    ///   - folder: where the database is, or is to be; nil: usage is kept in memory, as long as the process lives.
    ///   - retention: for how many days, at least 1.
    ///   - now: in seconds since 1970.
    ///   - onForeign: is told, on any thread, what others have charged today: when the database is opened, and when they have
    ///     charged more, together with something of this process's own.
    public init(
        folder: String?,
        retention: Int,
        now: @escaping @Sendable () -> Int = { UsageStore.wallClock },
        logger: Logger,
        onForeign: @escaping @Sendable (Charges) -> Void = { _ in }
    ) {
        self.retention = max(1, retention)
        self.now = now
        self.logger = logger
        keeper = Mutex(UsageKeeper(folder: folder, onForeign: onForeign, logger: logger))
    }

    /// Opens the database if that can be done in some seconds; else it is tried again until it can.
    public func open() {
        thread.sync { save() }
    }

    /// Says in the log that there is no folder, if there is none.
    public func announce() {
        thread.async { self.keeper.withLock { $0.announce() } }
    }

    /// Returns at once.
    public func add(_ batch: UsageBatch) {
        guard !batch.isEmpty else { return }
        let pause = state.withLock { state -> DispatchTimeInterval? in
            state.ledger.add(batch)
            state.totals.add(batch)
            guard !state.wakes else { return nil }
            state.wakes = true
            return state.pause
        }
        if let pause { thread.asyncAfter(deadline: .now() + pause) { self.save() } }
    }

    // MARK: - Writing

    /// On ``thread``.
    private func save() {
        let works = keeper.withLock { keeper in
            let writing = save(by: &keeper)
            // Where a file was damaged, a new one is there for it.
            return (writing == .damaged ? save(by: &keeper) : writing) == .written
        }
        let isAgain = state.withLock { state in
            state.pause = works ? Self.pause : Self.pauseInTrouble
            state.wakes = !works
            return state.wakes
        }
        if isAgain, keeper.withLock({ $0.triesAgain }) {
            thread.asyncAfter(deadline: .now() + Self.pauseInTrouble) { self.save() }
        }
    }

    private func save(by keeper: inout UsageKeeper) -> UsageKeeper.Writing {
        guard let keys = keeper.open(now: now()) else { return .failed }
        let hour = UsagePeriod(hour: now() / 3600)
        let batch = state.withLock { state in
            state.ledger.know(keys, in: hour)
            return state.ledger.takeAll()
        }
        guard !batch.isEmpty else {
            keeper.works()
            return .written
        }
        let writing = keeper.write(batch, now: now())
        if writing != .written { state.withLock { $0.ledger.add(batch) } }
        return writing
    }

    /// What has become old is put together, or forgotten.
    func age() async {
        await withCheckedContinuation { continuation in
            thread.async { [self] in
                let now = now()
                let ages = UsageAges(at: now, retention: retention)
                state.withLock { $0.ledger.age(ages) }
                keeper.withLock { $0.age(ages, now: now) }
                continuation.resume()
            }
        }
    }

    /// Returns when all is written, or can't be, or after some seconds: a process that ends waits no longer for a disk.
    func finish() {
        let done = DispatchSemaphore(value: 0)
        thread.async {
            self.save()
            let left = self.state.withLock { $0.ledger.batch.rows.values.reduce(0) { $0 + $1.count } }
            self.keeper.withLock { $0.finish(rowsLeft: left) }
            done.signal()
        }
        _ = done.wait(timeout: .now() + Self.lastPatience)
    }

    // MARK: - Reading

    /// What each tenant got since the process began, up to a second ago.
    public var totals: UsageTotals { state.withLock { $0.totals } }

    /// What has been counted, the last second's included.
    ///
    /// - Throws: ``UsageQueryMistake`` when the answer would be too large, ``UsageFailure`` when there can't be one.
    public func answer(_ query: UsageQuery) async throws -> UsageAnswer {
        try await withCheckedThrowingContinuation { continuation in
            questions.async { [self] in
                let done = DispatchSemaphore(value: 0)
                thread.async {
                    self.answer(query) { result in
                        continuation.resume(with: result)
                        done.signal()
                    }
                }
                done.wait()
            }
        }
    }

    /// On ``thread``: nothing is written between the looks at what is in memory and at what is on disk.
    private func answer(
        _ query: UsageQuery,
        mayTryAgain: Bool = true,
        _ take: @escaping @Sendable (Result<UsageAnswer, any Error>) -> Void
    ) {
        let pending = state.withLock { $0.ledger.batch }
        let (database, trouble) = keeper.withLock { ($0.database, $0.trouble) }
        let answer = { @Sendable (groups: [UsageGroup: UsageCounts]) in
            Result {
                var groups = groups
                pending.add(to: &groups, query)
                return try UsageAnswer(query, groups, database == nil ? .memory : .disk, trouble: trouble?.description)
            }
        }
        guard let database else { return take(answer([:])) }
        database.read(query) { [self] result in
            switch result {
            case .success(let groups): take(answer(groups))
            case .failure(let failure) where failure.kind == .damaged && mayTryAgain:
                thread.async {
                    self.keeper.withLock { $0.failed(failure, now: self.now()) }
                    self.save()
                    self.answer(query, mayTryAgain: false, take)
                }
            case .failure(let failure): take(.failure(failure))
            }
        }
    }
}
