import HTTPFraming
import LlamaServer
import ProxyExchange
import Scheduling

/// A client with a request that is whole, and what it gets.
final class SimulatedClient {
    enum End {
        /// It may send another request.
        case kept
        case closed
        case reset
        /// It has gone itself.
        case left
    }

    let number: Int
    let dialect: Dialect?
    let isIdempotent: Bool
    let connection: SimulatedClientConnection
    /// Its request ends the server that executes it.
    let isPoison: Bool
    /// The server goes on without it.
    let goesOn: Bool
    var exchange: Exchange
    /// The connection that it was sent on.
    var upstream: SimulatedUpstreamSocket?
    /// The head of a stream was sent by the proxy itself.
    var hasOwnStart = false
    var output: [UInt8] = []
    /// nil: it has not ended.
    var end: End?
    /// Since when there has been no descriptor for its connection.
    var withoutMeansSince: Instant?
    /// When it was last sent.
    var sentAt = Instant(nanoseconds: 0)
    /// A connection that it was sent on has ended, and perhaps not before a server had read of it.
    var mayHaveBeenRead = false
    /// The server that it was last sent to had broken nothing off before.
    var isOnFaultlessServer = false
    /// The server that it has ended, in which of its lives: until that is back, it must not end another one.
    var ended: (server: Int, life: Int)?
    /// Which responses to its request servers have begun, by their bytes.
    var responses: [SimulatedResponse] = []
    /// Servers that have executed it.
    var executions: [Int] = []

    init(
        _ number: Int,
        _ exchange: Exchange,
        dialect: Dialect?,
        isIdempotent: Bool,
        on connection: SimulatedClientConnection,
        isPoison: Bool,
        goesOn: Bool
    ) {
        self.number = number
        self.exchange = exchange
        self.dialect = dialect
        self.isIdempotent = isIdempotent
        self.connection = connection
        self.isPoison = isPoison
        self.goesOn = goesOn
    }

    /// HTTP/1.1.
    var knowsChunks: Bool { connection.knowsChunks }
    var isWritable: Bool { connection.isWritable }

    /// What a client understands that trusts nothing but the bytes and how the connection ended.
    ///
    /// - Parameter endsByClose: it ended, and not by a reset.
    /// - Returns: the payload, and whether it is all of it; nil: not even a head came.
    func understood(endsByClose: Bool) -> (payload: String, isWhole: Bool)? {
        guard let headEnd = Self.find("\r\n\r\n", in: output[...]) else { return nil }
        let head = String(decoding: output[..<headEnd], as: UTF8.self).lowercased()
        let body = output[(headEnd + 4)...]
        let fields = head.split(separator: "\r\n").map { $0.split(separator: ": ") }
        if let length = fields.first(where: { $0.first == "content-length" })?.last.flatMap({ Int($0) }) {
            return (Self.text(body.prefix(length)), body.count == length)
        }
        guard fields.contains(["transfer-encoding", "chunked"]) else { return (Self.text(body), endsByClose) }
        return Self.unchunked(body)
    }

    private static func unchunked(_ bytes: ArraySlice<UInt8>) -> (payload: String, isWhole: Bool) {
        var bytes = bytes
        var payload = ""
        while let lineEnd = find("\r\n", in: bytes), let size = Int(text(bytes[..<lineEnd]), radix: 16) {
            let rest = bytes[(lineEnd + 2)...]
            guard size > 0 else { return (payload, text(rest) == "\r\n") }
            payload += text(rest.prefix(size))
            guard rest.count >= size + 2, text(rest.dropFirst(size).prefix(2)) == "\r\n" else { break }
            bytes = rest.dropFirst(size + 2)
        }
        return (payload, false)
    }

    private static func find(_ pattern: String, in bytes: ArraySlice<UInt8>) -> Int? {
        let pattern = Array(pattern.utf8)
        guard bytes.count >= pattern.count else { return nil }
        return (bytes.startIndex...(bytes.endIndex - pattern.count)).first {
            bytes[$0..<$0 + pattern.count].elementsEqual(pattern)
        }
    }

    private static func text(_ bytes: some Sequence<UInt8>) -> String {
        String(decoding: Array(bytes), as: UTF8.self)
    }
}
