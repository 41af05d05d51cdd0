import Agent
import AgentProtocol
import AsyncHTTPClient
import LlamaServer
import NIOCore
import NIOHTTP1

/// An `HTTPClient` as an agent uses one.
struct NIOClient: UploadingClient {
    let client: HTTPClient

    func exchange(
        _ request: AgentRequest,
        within limit: Duration,
        upTo maximumBytes: Int
    ) async throws -> AgentAnswer {
        do {
            let response = try await client.execute(HTTPClientRequest(request), timeout: TimeAmount(limit))
            let body = try await response.body.collect(upTo: maximumBytes)
            return AgentAnswer(status: Int(response.status.code), body: Array(body.readableBytesView))
        } catch {
            throw TransportFailure(error)
        }
    }

    func connect<Uplink: AsyncSequence & Sendable, Value>(
        to balancer: BalancerEndpoint,
        as agentID: String,
        saying uplink: Uplink,
        within limit: Duration,
        _ body: (Downlink) async throws -> Value
    ) async throws -> Value where Uplink.Element == [UInt8] {
        let request = balancer.post(
            AgentConnection.path(agentID: agentID),
            contentType: AgentConnection.contentType
        )
        return try await body(open(request, saying: uplink, by: .now() + TimeAmount(limit)))
    }

    func upload<Uplink: AsyncSequence & Sendable>(
        _ request: AgentRequest,
        saying uplink: Uplink
    ) async throws -> Downlink where Uplink.Element == [UInt8] {
        try await open(request, saying: uplink, by: .distantFuture)
    }

    func resolved(_ address: NetworkAddress) async throws -> NetworkAddress {
        try await AddressResolution.resolved(address)
    }

    /// - Parameter deadline: until the answer begins.
    private func open<Uplink: AsyncSequence & Sendable>(
        _ request: AgentRequest,
        saying uplink: Uplink,
        by deadline: NIODeadline
    ) async throws -> Downlink where Uplink.Element == [UInt8] {
        var streaming = HTTPClientRequest(request)
        streaming.body = .stream(uplink.map { ByteBuffer(bytes: $0) }, length: .unknown)
        do {
            let response = try await client.execute(streaming, deadline: deadline)
            return Downlink(status: Int(response.status.code), body: AnswerBytes(body: response.body))
        } catch {
            throw TransportFailure(error)
        }
    }

    private struct AnswerBytes: AsyncSequence, Sendable {
        let body: HTTPClientResponse.Body

        func makeAsyncIterator() -> Iterator { Iterator(pieces: body.makeAsyncIterator()) }

        struct Iterator: AsyncIteratorProtocol {
            var pieces: HTTPClientResponse.Body.AsyncIterator

            mutating func next() async throws -> [UInt8]? {
                do {
                    return try await pieces.next().map { Array($0.readableBytesView) }
                } catch {
                    throw TransportFailure(error)
                }
            }
        }
    }
}

extension HTTPClientRequest {
    fileprivate init(_ request: AgentRequest) {
        self.init(url: request.url)
        method = HTTPMethod(rawValue: request.method)
        for header in request.headers { headers.add(name: header.name, value: header.value) }
        if let bytes = request.body { body = .bytes(ByteBuffer(bytes: bytes)) }
    }
}
