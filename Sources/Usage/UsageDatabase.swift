#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// A file of SQLite's in which usage is kept. Its calls may block, for some seconds where another process has it locked.
struct UsageDatabase: Sendable {
    let path: String
    private let writer: SQLiteQueue
    private let reader: SQLiteQueue
    /// nil: it was moved away at once.
    let identity: FileIdentity?

    static let name = "usage.sqlite"
    /// How long another process's lock is waited for.
    private static let patience = Duration.seconds(2)

    /// Makes what isn't there, but for the folders above.
    ///
    /// - Throws: ``UsageFailure``.
    init(folder: String) throws(UsageFailure) {
        let path = "\(folder)/\(Self.name)"
        self.path = path
        try Self.make(folder, path)
        (writer, reader) = try Self.failing(path) {
            try Self.checkVersion(path)
            let writer = try SQLiteConnection(path, isReadOnly: false, patience: Self.patience)
            // A commit doesn't wait for the disk, and whoever reads doesn't wait for whoever writes.
            try writer.run("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL")
            try writer.writing { try UsageTables.make(in: writer, path) }
            let reader = try SQLiteConnection(path, isReadOnly: true, patience: Self.patience)
            return (SQLiteQueue("paddler.usage.writer", writer), SQLiteQueue("paddler.usage.reader", reader))
        }
        identity = FileIdentity(of: path)
    }

    /// The file alone is left then, with all of it, unless another process has it open.
    func close() {
        // Whoever closes it last removes the files beside it, if it may write to them.
        reader.close()
        writer.close { try $0.run("PRAGMA wal_checkpoint(TRUNCATE)") }
    }

    /// Whether the file that is open is the one that stands there: somebody may have moved it away.
    var isInPlace: Bool { identity != nil && identity == FileIdentity(of: path) }

    /// With what belongs to it.
    ///
    /// - Returns: why it can't be; nil: it is done.
    static func rename(_ path: String, to other: String) -> String? {
        guard renameFile(path, other) == 0 else { return String(cString: strerror(errno)) }
        // They are of no use to another file of this name, and would damage it.
        for suffix in ["-wal", "-shm"] { _ = renameFile(path + suffix, other + suffix) }
        return nil
    }

    // MARK: - Opening

    /// A file of a newer version is left as it is, and opening it to write would change it.
    private static func checkVersion(_ path: String) throws {
        guard let connection = try? SQLiteConnection(path, isReadOnly: true, patience: patience),
            let version = try? UsageTables.version(connection)
        else { return }
        try UsageTables.check(version, path)
    }

    /// Its group may read them, and nobody else.
    private static func make(_ folder: String, _ path: String) throws(UsageFailure) {
        guard mkdir(folder, 0o750) == 0 || errno == EEXIST else {
            throw UsageFailure("the folder \(folder) can't be made: \(String(cString: strerror(errno)))")
        }
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o640)
        guard descriptor >= 0 else {
            throw UsageFailure("\(path) can't be opened: \(String(cString: strerror(errno)))")
        }
        defer { closeFile(descriptor) }
        // SQLite would wait for ever for what comes out of a pipe.
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw UsageFailure("\(path) is no regular file: move it away")
        }
    }

    private static func failing<Value>(_ path: String, _ body: () throws -> Value) throws(UsageFailure) -> Value {
        do {
            return try body()
        } catch let failure as UsageFailure {
            throw failure
        } catch let failure as SQLiteFailure {
            throw UsageFailure(failure, path)
        } catch {
            throw UsageFailure("\(path): \(error)")
        }
    }

    // MARK: - Writing

    /// All of it, or nothing.
    func write(_ batch: UsageBatch) throws(UsageFailure) {
        try Self.failing(path) { try write { try UsageTables.add(batch, in: $0) } }
    }

    /// Puts hours that are over together to days, and forgets what is older: a day at a time, so that nobody who writes to
    /// the same file waits for all of it.
    func age(_ ages: UsageAges) throws(UsageFailure) {
        try Self.failing(path) {
            while try write({ try UsageTables.joinOldestHours(before: ages.firstHour, in: $0) }) {}
            try write { try UsageTables.forget(ages, in: $0) }
        }
    }

    private func write<Value>(_ body: (SQLiteConnection) throws -> Value) throws -> Value {
        try writer.use { connection in try connection.writing { try body(connection) } }
    }

    // MARK: - Reading

    private func read<Value>(_ body: (SQLiteConnection) throws -> Value) throws(UsageFailure) -> Value {
        try Self.failing(path) { try reader.use { connection in try connection.reading { try body(connection) } } }
    }

    /// - Parameter day: since 1970.
    /// - Returns: what each tenant was charged on it, in tokens.
    func charges(of day: Int) throws(UsageFailure) -> [String: Int] {
        try read { try UsageTables.charges(of: day, in: $0) }
    }

    /// Another one whenever somebody else has written something.
    func version() throws(UsageFailure) -> Int {
        try Self.failing(path) { try writer.use { try $0.number("PRAGMA data_version") ?? 0 } }
    }

    /// Those that have rows of their own.
    func keys(in period: UsagePeriod) throws(UsageFailure) -> [UsageKey] {
        try read { try UsageTables.keys(in: period, in: $0) }
    }

    /// Returns as soon as it is certain that later changes aren't seen.
    ///
    /// - Parameter take: is called on another thread; one row more than may be told means that there are more.
    func read(
        _ query: UsageQuery,
        _ take: @escaping @Sendable (Result<[UsageGroup: UsageCounts], UsageFailure>) -> Void
    ) {
        reader.readLater { [path] connection in
            do throws(UsageFailure) {
                take(.success(try Self.failing(path) { try UsageTables.groups(query, in: connection.get()) }))
            } catch {
                take(.failure(error))
            }
        }
    }
}

/// Out of a type that has a `close` of its own.
private func closeFile(_ descriptor: Int32) {
    _ = close(descriptor)
}

/// Out of a type that has a `rename` of its own.
private func renameFile(_ path: String, _ other: String) -> Int32 {
    rename(path, other)
}
