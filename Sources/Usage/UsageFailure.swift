internal import CSQLite

/// Why usage isn't kept, or can't be read. Its description says to what it happened, and what to do.
public struct UsageFailure: Error, Equatable, CustomStringConvertible {
    enum Kind: Equatable {
        /// What is in the file is no database of ours, or not whole.
        case damaged
        /// A newer version has changed the tables.
        case newer
        case other
    }

    let kind: Kind
    public let description: String

    init(_ description: String, _ kind: Kind = .other) {
        self.kind = kind
        self.description = description
    }
}

extension UsageFailure {
    /// - Parameter version: of the tables.
    static func newer(_ path: String, version: Int) -> UsageFailure {
        UsageFailure(
            "\(path) is of a newer paddler (version \(version) of its tables): start that one, or move the file away",
            .newer
        )
    }

    init(_ failure: SQLiteFailure, _ path: String) {
        let reason = failure.description
        switch failure.code {
        case SQLITE_CORRUPT, SQLITE_NOTADB: self.init("\(path): \(reason)", .damaged)
        case SQLITE_FULL: self.init("the disk of \(path) is full: free some space there")
        case SQLITE_READONLY:
            self.init("\(path) can't be written to: give this process the right to, and to its folder")
        case SQLITE_BUSY, SQLITE_LOCKED:
            self.init("\(path) is locked by another process: end what has it open, a backup or sqlite3 for example")
        case SQLITE_CANTOPEN, SQLITE_PERM, SQLITE_AUTH:
            self.init(
                "\(path) can't be opened (\(reason)): see whether this process may read and write it and its folder"
            )
        case SQLITE_IOERR:
            self.init("\(path) can't be read or written (\(reason)): see whether its disk is full, or fails")
        default: self.init("\(path): \(reason)")
        }
    }
}
