internal import CSQLite

/// A file of SQLite's that is open. Its calls may block while another process has it locked.
final class SQLiteConnection: Sendable {
    // Set once. SQLite itself lets one thread at a time use a connection that is opened with SQLITE_OPEN_FULLMUTEX, if it was built for
    // threads, without which none is opened (sqlite.org/threadsafe.html).
    private nonisolated(unsafe) let handle: OpaquePointer

    /// - Parameters:
    ///   - isReadOnly: whether the file is left as it is, and has to be there.
    ///   - patience: how long another process's lock is waited for.
    init(_ path: String, isReadOnly: Bool, patience: Duration) throws(SQLiteFailure) {
        guard sqlite3_threadsafe() != 0 else {
            throw SQLiteFailure(code: SQLITE_MISUSE, description: "this SQLite was built for programs with one thread")
        }
        let access = isReadOnly ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
        var handle: OpaquePointer?
        let code = sqlite3_open_v2(path, &handle, access | SQLITE_OPEN_FULLMUTEX, nil)
        guard code == SQLITE_OK, let handle else {
            let failure = SQLiteFailure(code, of: handle)
            sqlite3_close_v2(handle)
            throw failure
        }
        sqlite3_extended_result_codes(handle, 1)
        sqlite3_busy_timeout(handle, Int32(patience / .milliseconds(1)))
        self.handle = handle
    }

    deinit {
        sqlite3_close_v2(handle)
    }

    /// Statements, separated by semicolons, whose rows nobody wants.
    func run(_ sql: String) throws(SQLiteFailure) {
        let code = sqlite3_exec(handle, sql, nil, nil, nil)
        guard code == SQLITE_OK else { throw SQLiteFailure(code, of: handle) }
    }

    /// A single statement, whose rows nobody wants.
    func run(_ sql: String, _ values: SQLiteValue...) throws(SQLiteFailure) {
        try SQLiteStatement(sql, in: self).run(values)
    }

    /// The rows of a query.
    func rows(_ sql: String, _ values: SQLiteValue...) throws(SQLiteFailure) -> SQLiteStatement {
        let statement = try SQLiteStatement(sql, in: self)
        try statement.bind(values)
        return statement
    }

    /// The first value of a query's first row; nil: it has none, or it is no number.
    func number(_ sql: String, _ values: SQLiteValue...) throws(SQLiteFailure) -> Int? {
        let statement = try SQLiteStatement(sql, in: self)
        try statement.bind(values)
        return try statement.next() ? statement.number(0) : nil
    }

    /// All of it, or nothing.
    func writing<Value>(_ body: () throws -> Value) throws -> Value { try transaction("BEGIN IMMEDIATE", body) }

    /// All that is read is of one moment.
    func reading<Value>(_ body: () throws -> Value) throws -> Value { try transaction("BEGIN", body) }

    /// Nothing that is written later is seen, until ``undo()``.
    func beginReading() throws(SQLiteFailure) {
        try run("BEGIN")
        do throws(SQLiteFailure) {
            // A transaction sees the moment of its first read (sqlite.org/isolation.html).
            _ = try number("SELECT COUNT(*) FROM sqlite_master")
        } catch {
            undo()
            throw error
        }
    }

    /// Ends a transaction, and what it has written is gone.
    func undo() {
        // Some failures have ended it already.
        if sqlite3_get_autocommit(handle) == 0 { try? run("ROLLBACK") }
    }

    private func transaction<Value>(_ begin: String, _ body: () throws -> Value) throws -> Value {
        try run(begin)
        do {
            let value = try body()
            try run("COMMIT")
            return value
        } catch {
            undo()
            throw error
        }
    }

    func prepare(_ sql: String) throws(SQLiteFailure) -> OpaquePointer {
        var statement: OpaquePointer?
        let code = sqlite3_prepare_v2(handle, sql, -1, &statement, nil)
        guard code == SQLITE_OK, let statement else { throw SQLiteFailure(code, of: handle) }
        return statement
    }

    func failure(_ code: Int32) -> SQLiteFailure { SQLiteFailure(code, of: handle) }
}
