package import LlamaServer
import PrintableText

/// Some connections, and what can be asked over them.
package protocol AgentClient: Sendable {
    /// A request and its answer, both short.
    ///
    /// - Parameters:
    ///   - limit: until the end of the answer.
    ///   - maximumBytes: of the answer's body.
    /// - Throws: ``TransportFailure``.
    func exchange(
        _ request: AgentRequest,
        within limit: Duration,
        upTo maximumBytes: Int
    ) async throws -> AgentAnswer

    /// The connection of our own dialect: what the agent says goes to the balancer while what that says is read.
    ///
    /// - Parameters:
    ///   - uplink: lines; asked for the next one when it can be sent.
    ///   - limit: until the balancer's answer begins.
    ///   - body: reads what the balancer says. The connection ends with it.
    /// - Throws: ``TransportFailure``, and what `body` throws.
    func connect<Uplink: AsyncSequence & Sendable, Value>(
        to balancer: BalancerEndpoint,
        as agentID: String,
        saying uplink: Uplink,
        within limit: Duration,
        _ body: (Downlink) async throws -> Value
    ) async throws -> Value where Uplink.Element == [UInt8]
}

/// One that can speak Paddler 1.x's dialect, too.
package protocol UploadingClient: AgentClient {
    /// A request whose body goes on for as long as it likes. The end of the connection is noticed although nothing is said.
    ///
    /// - Parameter uplink: documents, of which each becomes a chunk; asked for the first one when there is a connection.
    /// - Throws: ``TransportFailure``.
    func upload<Uplink: AsyncSequence & Sendable>(
        _ request: AgentRequest,
        saying uplink: Uplink
    ) async throws -> Downlink where Uplink.Element == [UInt8]

    /// From names to IP addresses, for balancers that read no names.
    ///
    /// - Returns: an address with the name's first IPv4 address, or else its first IPv6 address, which is what 1.x's own
    ///   agents told; an IP address as it is.
    func resolved(_ address: NetworkAddress) async throws -> NetworkAddress
}

/// A request as any HTTP client takes it.
package struct AgentRequest: Sendable {
    package var method: String
    package var url: String
    package var headers: [(name: String, value: String)] = []
    package var body: [UInt8]?

    init(_ method: String, at url: String) {
        self.method = method
        self.url = url
    }
}

package struct AgentAnswer: Sendable {
    package let status: Int
    package let body: [UInt8]

    package init(status: Int, body: [UInt8]) {
        self.status = status
        self.body = body
    }
}

/// An answer that has begun.
package struct Downlink: Sendable {
    package let status: Int
    /// What it throws is a ``TransportFailure``.
    package let body: any AsyncSequence<[UInt8], any Error> & Sendable

    package init(status: Int, body: any AsyncSequence<[UInt8], any Error> & Sendable) {
        self.status = status
        self.body = body
    }
}

extension Downlink {
    /// - Throws: ``TransportFailure``, also when there are more bytes.
    package func collect(upTo maximumBytes: Int) async throws -> [UInt8] {
        var bytes: [UInt8] = []
        for try await piece in body {
            guard bytes.count + piece.count <= maximumBytes else { throw TransportFailure.connection(.answerTooLong) }
            bytes += piece
        }
        return bytes
    }
}
