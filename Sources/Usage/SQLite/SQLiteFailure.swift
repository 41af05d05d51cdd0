internal import CSQLite

/// What SQLite couldn't do.
struct SQLiteFailure: Error, CustomStringConvertible {
    /// Its primary result code.
    let code: Int32
    let description: String

    /// - Parameter code: a result code, extended or not.
    init(code: Int32, description: String) {
        self.code = code & 0xFF
        self.description = description
    }

    /// - Parameter handle: of the connection that has just failed; nil: there was no memory for one.
    init(_ code: Int32, of handle: OpaquePointer?) {
        let message = handle.flatMap { sqlite3_errmsg($0) } ?? sqlite3_errstr(code)
        self.init(code: code, description: message.map { String(cString: $0) } ?? "error \(code)")
    }
}
