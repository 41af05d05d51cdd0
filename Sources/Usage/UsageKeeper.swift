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
    private var isAnnounced = false
    private(set) var trouble: UsageFailure?
    private var foreign = ForeignCharges()
    /// Of the database, when it was last looked what others have charged.
    private var version: Int?
    private let onForeign: @Sendable (UsageStore.Charges) -> Void
    private let logger: Logger

    init(folder: String?, onForeign: @escaping @Sendable (UsageStore.Charges) -> Void, logger: Logger) {
        place = folder.map { .closed(folder: $0) } ?? .nowhere
        self.onForeign = onForeign
        self.logger = logger
    }

    /// Says once where it is kept, if that is nowhere.
    mutating func announce() {
        guard case .nowhere = place, !isAnnounced else { return }
        isAnnounced = true
        logger.info("usage is kept in memory, and forgotten when this process ends (see --state-dir)")
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
            version = nil
            try lookAtForeign(database, now: now)
            place = .open(database, folder: folder)
            return keys
        } catch {
            database.close()
            throw error
        }
    }

    /// Other balancers may write to the same file, one that this one takes over from among them.
    private mutating func lookAtForeign(_ database: UsageDatabase, now: Int) throws(UsageFailure) {
        let version = try database.version()
        guard version != self.version else { return }
        let day = now / 86_400
        let news = foreign.news(in: try database.charges(of: day), of: day)
        self.version = version
        if !news.isEmpty { onForeign(UsageStore.Charges(day: day, tokens: news)) }
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

    /// What became of a batch.
    enum Writing {
        case written
        /// Nothing of it is on disk: the file was damaged, and another one can be begun at once.
        case damaged
        /// Nothing of it is on disk.
        case failed
    }

    /// - Parameter now: in seconds since 1970.
    mutating func write(_ batch: UsageBatch, now: Int) -> Writing {
        guard let database else { return .failed }
        do {
            try database.write(batch)
        } catch {
            failed(error, now: now)
            return error.kind == .damaged ? .damaged : .failed
        }
        foreign.wrote(batch.charges)
        do {
            try lookAtForeign(database, now: now)
        } catch {
            // Of all else another time will do as well.
            if error.kind == .damaged { failed(error, now: now) }
        }
        works()
        return .written
    }

    /// Nothing is left to be written.
    mutating func works() {
        guard let database, trouble != nil else { return }
        trouble = nil
        logger.info("usage is saved again", metadata: ["file": "\(database.path)"])
    }

    /// - Parameter now: in seconds since 1970.
    mutating func age(_ ages: UsageAges, now: Int) {
        do {
            try database?.age(ages)
        } catch {
            failed(error, now: now)
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
