import Logging

/// Where usage is kept, and what stands in the way: each trouble is told once, and once that it is over.
struct UsageKeeper {
    private enum Place {
        /// There is no folder, or the process ends.
        case nowhere
        case closed(folder: String)
        case open(UsageDatabase, folder: String)
    }

    private var place: Place
    private(set) var trouble: UsageFailure?
    private var onPast: ((UsageStore.Past) -> Void)?
    private let logger: Logger

    init(folder: String?, onPast: @escaping @Sendable (UsageStore.Past) -> Void, logger: Logger) {
        place = folder.map { .closed(folder: $0) } ?? .nowhere
        self.onPast = onPast
        self.logger = logger
        if folder == nil {
            logger.info("usage is kept in memory, and forgotten when this process ends (see --state-dir)")
        }
    }

    /// nil: there is none, or none can be used.
    var database: UsageDatabase? {
        if case .open(let database, _) = place { database } else { nil }
    }

    /// Whether it may be another time.
    var triesAgain: Bool {
        if case .nowhere = place { false } else { true }
    }

    // MARK: - Opening

    /// - Parameter now: in seconds since 1970.
    /// - Returns: which keys the present hour has on disk, if it was opened just now, else none; nil: it isn't open.
    mutating func open(now: Int) -> [UsageKey]? {
        if case .open(let database, let folder) = place {
            if database.isInPlace { return [] }
            logger.warning(
                "the usage database was moved away: a new one is begun",
                metadata: ["file": "\(database.path)"]
            )
            database.close()
            place = .closed(folder: folder)
        }
        guard case .closed(let folder) = place else { return nil }
        let path = "\(folder)/\(UsageDatabase.name)"
        let found = FileIdentity(of: path)
        do {
            return try opened(folder, now: now)
        } catch {
            guard error.kind == .damaged else { return trouble(error) }
            setAside(path, found, error, now: now)
        }
        do {
            return try opened(folder, now: now)
        } catch {
            return trouble(error)
        }
    }

    private mutating func opened(_ folder: String, now: Int) throws(UsageFailure) -> [UsageKey] {
        let database = try UsageDatabase(folder: folder)
        do {
            let keys = try database.keys(in: UsagePeriod(hour: now / 3600))
            let past = try onPast.map { _ throws(UsageFailure) in try database.charges(of: now / 86_400) }
            if let past { onPast?(UsageStore.Past(day: now / 86_400, charges: past)) }
            onPast = nil
            place = .open(database, folder: folder)
            return keys
        } catch {
            database.close()
            throw error
        }
    }

    private mutating func trouble(_ failure: UsageFailure) -> [UsageKey]? {
        if failure != trouble {
            logger.error(
                "usage can't be saved: it is kept in memory until it can",
                metadata: ["reason": "\(failure)"]
            )
        }
        trouble = failure
        return nil
    }

    // MARK: - Using it

    /// - Returns: whether it is on disk now; if not, nothing of it is.
    mutating func write(_ batch: UsageBatch) -> Bool {
        guard let database else { return false }
        do {
            try database.write(batch)
        } catch {
            failed(error, now: UsageStore.wallClock)
            return false
        }
        if trouble != nil { logger.info("usage is saved again", metadata: ["file": "\(database.path)"]) }
        trouble = nil
        return true
    }

    mutating func age(_ ages: UsageAges) {
        do {
            try database?.age(ages)
        } catch {
            failed(error, now: UsageStore.wallClock)
        }
    }

    /// - Parameter now: in seconds since 1970.
    mutating func failed(_ failure: UsageFailure, now: Int) {
        guard failure.kind == .damaged, case .open(let database, let folder) = place else {
            _ = trouble(failure)
            return
        }
        database.close()
        place = .closed(folder: folder)
        setAside(database.path, database.identity, failure, now: now)
    }

    mutating func finish(rowsLeft: Int) {
        if rowsLeft > 0, triesAgain {
            logger.error(
                "usage that could not be saved is lost with this process",
                metadata: ["rows": "\(rowsLeft)", "reason": "\(trouble?.description ?? "")"]
            )
        }
        database?.close()
        place = .nowhere
    }

    /// - Parameter identity: of the file that is damaged: another balancer may have begun a new one meanwhile.
    private mutating func setAside(_ path: String, _ identity: FileIdentity?, _ failure: UsageFailure, now: Int) {
        guard identity == FileIdentity(of: path) else { return }
        let aside = "\(path).damaged-\(UsageTime.fileSuffix(now))"
        if let reason = UsageDatabase.rename(path, to: aside) {
            _ = trouble(UsageFailure("\(path) is damaged, and can't be renamed (\(reason)): move it away"))
            return
        }
        logger.error(
            "the usage database is damaged: it is set aside, and a new one begun",
            metadata: ["set_aside": "\(aside)", "reason": "\(failure)"]
        )
    }
}
