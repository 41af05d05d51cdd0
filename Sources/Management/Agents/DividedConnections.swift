import Hummingbird
import NIOCore
import Scheduling
import Synchronization
import TransportSecurity

/// Agents' connections in which what the agent says comes by requests of their own. Any thread may call it.
final class DividedConnections: Sendable {
    /// Whoever knows it may speak for the connection, if they may speak here at all.
    struct ID: Hashable, Sendable {
        let agent: AgentID
        let connection: AgentID

        /// - Throws: for what nobody would call himself, or a connection.
        init(checking parameters: Parameters) throws(RequestFailure) {
            agent = try AgentID(checking: parameters.get("id"))
            connection = try AgentID(checking: parameters.get("connection"))
        }
    }

    private struct Connection {
        /// Of who has opened it.
        let certificate: ClientCertificate?
        let feed: AsyncStream<ByteBuffer>.Continuation
    }

    /// Requests whose lines haven't been read yet: an agent sends one when the one before is answered.
    private static let mostUnread = 16

    /// At most one for each connection that the management server accepts.
    private let connections = Mutex<[ID: Connection]>([:])

    /// - Returns: what the agent says; it ends with the connection.
    func open(_ id: ID, from certificate: ClientCertificate?) throws(RequestFailure) -> AsyncStream<ByteBuffer> {
        let (lines, feed) = AsyncStream.makeStream(
            of: ByteBuffer.self,
            bufferingPolicy: .bufferingOldest(Self.mostUnread)
        )
        let isNew = connections.withLock { connections in
            guard connections[id] == nil else { return false }
            connections[id] = Connection(certificate: certificate, feed: feed)
            return true
        }
        guard isNew else {
            throw RequestFailure(status: .conflict, message: "there is such a connection already: make up another name")
        }
        return lines
    }

    /// - Throws: when the connection is over, isn't theirs, or gets more than it reads.
    func take(_ bytes: ByteBuffer, of id: ID, from certificate: ClientCertificate?) throws(RequestFailure) {
        let connection = connections.withLock { $0[id] }
        guard let connection, connection.certificate?.names == certificate?.names else {
            throw RequestFailure(status: .notFound, message: "there is no such connection, or no more")
        }
        switch connection.feed.yield(bytes) {
        case .enqueued: return
        case .terminated: throw RequestFailure(status: .notFound, message: "there is no such connection, or no more")
        case .dropped: break
        @unknown default: break
        }
        // With a line missing, what comes then makes no sense.
        end(id)
        throw RequestFailure(status: .serviceUnavailable, message: "more was said than is read: the connection is over")
    }

    func end(_ id: ID) {
        connections.withLock { $0.removeValue(forKey: id) }?.feed.finish()
    }
}
