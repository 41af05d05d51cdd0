internal import CSQLite

/// What stands for a question mark in a statement, or for one with a number (`?1`).
enum SQLiteValue {
    case number(Int)
    case text(String)
}

extension SQLiteValue: ExpressibleByIntegerLiteral {
    init(integerLiteral value: Int) {
        self = .number(value)
    }
}

/// A statement of a connection, and the row at which it is.
final class SQLiteStatement {
    private let connection: SQLiteConnection
    private let handle: OpaquePointer

    init(_ sql: String, in connection: SQLiteConnection) throws(SQLiteFailure) {
        self.connection = connection
        handle = try connection.prepare(sql)
    }

    deinit {
        sqlite3_finalize(handle)
    }

    /// Executes it once, with these values.
    func run(_ values: [SQLiteValue]) throws(SQLiteFailure) {
        try bind(values)
        while try next() {}
        sqlite3_reset(handle)
    }

    func bind(_ values: [SQLiteValue]) throws(SQLiteFailure) {
        for (index, value) in values.enumerated() {
            let place = Int32(index + 1)
            let code =
                switch value {
                case .number(let number): sqlite3_bind_int64(handle, place, Int64(number))
                case .text(let text): bind(text, at: place)
                }
            guard code == SQLITE_OK else { throw connection.failure(code) }
        }
    }

    private func bind(_ text: String, at place: Int32) -> Int32 {
        var text = text
        return text.withUTF8 { bytes in
            bytes.withMemoryRebound(to: CChar.self) { bytes in
                // SQLITE_TRANSIENT, a macro that isn't imported: SQLite makes a copy.
                let copies = unsafeBitCast(-1, to: sqlite3_destructor_type.self)
                // Of no bytes the address may be nil, which would stand for NULL.
                guard let base = bytes.baseAddress else { return sqlite3_bind_text(handle, place, "", 0, copies) }
                return sqlite3_bind_text(handle, place, base, Int32(bytes.count), copies)
            }
        }
    }

    /// - Returns: whether there is a further row.
    func next() throws(SQLiteFailure) -> Bool {
        switch sqlite3_step(handle) {
        case SQLITE_ROW: return true
        case SQLITE_DONE: return false
        case let code: throw connection.failure(code)
        }
    }

    /// Of the row; nil: it is no whole number.
    func number(_ column: Int32) -> Int? {
        sqlite3_column_type(handle, column) == SQLITE_INTEGER ? Int(sqlite3_column_int64(handle, column)) : nil
    }

    /// Of the row; nil: it is no text.
    func text(_ column: Int32) -> String? {
        guard sqlite3_column_type(handle, column) == SQLITE_TEXT, let bytes = sqlite3_column_text(handle, column) else {
            return nil
        }
        let count = Int(sqlite3_column_bytes(handle, column))
        return String(decoding: UnsafeBufferPointer(start: bytes, count: count), as: UTF8.self)
    }
}
