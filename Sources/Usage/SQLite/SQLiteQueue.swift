import Dispatch
import Synchronization

/// A connection that does what it is asked for one thing after the other.
final class SQLiteQueue: Sendable {
    /// nil: it is closed.
    private let connection: Mutex<SQLiteConnection?>
    private let queue: DispatchQueue

    init(_ label: String, _ connection: SQLiteConnection) {
        queue = DispatchQueue(label: label)
        self.connection = Mutex(connection)
    }

    func use<Value>(_ body: (SQLiteConnection) throws -> Value) throws -> Value {
        try queue.sync { try body(try open()) }
    }

    /// Returns as soon as nothing that is written later is seen.
    ///
    /// - Parameter body: is called on another thread.
    func readLater(_ body: @escaping @Sendable (Result<SQLiteConnection, SQLiteFailure>) -> Void) {
        queue.sync {
            do throws(SQLiteFailure) {
                let connection = try open()
                try connection.beginReading()
                // Before whatever is asked for from now on.
                queue.async {
                    body(.success(connection))
                    connection.undo()
                }
            } catch {
                queue.async { body(.failure(error)) }
            }
        }
    }

    /// When everything is done that it was asked for before.
    ///
    /// - Parameter lastly: what is still to be done, if it can be.
    func close(_ lastly: (SQLiteConnection) throws -> Void = { _ in }) {
        queue.sync {
            guard let last = connection.withLock(\.self) else { return }
            try? lastly(last)
            connection.withLock { $0 = nil }
        }
    }

    private func open() throws(SQLiteFailure) -> SQLiteConnection {
        guard let connection = connection.withLock(\.self) else {
            throw SQLiteFailure(code: 0, description: "it is closed")
        }
        return connection
    }
}
