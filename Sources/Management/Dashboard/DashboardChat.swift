import AsyncHTTPClient
import HTTPTypes
import Hummingbird
import LlamaServer
import NIOCore
import NIOHTTP1
import NIOSSL
import Scheduling

/// `POST /dashboard/chat`: one chat request of the page, sent through the reverse proxy as a client would send it.
struct DashboardChat {
    static let path: RouterPath = "/dashboard/chat"
    /// Of a request.
    static let maximumBodyBytes = 1 << 20
    /// For an answer, to its end.
    static let timeLimit: TimeAmount = .hours(1)

    let dashboard: Dashboard
    let client: HTTPClient
    let fleet: any FleetControl

    static var clientConfiguration: HTTPClient.Configuration {
        var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow)
        configuration.httpVersion = .http1Only
        // It is this process that answers, at an address of its machine, for which its certificate needn't be.
        var tls = TLSConfiguration.makeClientConfiguration()
        tls.certificateVerification = .none
        configuration.tlsConfiguration = tls
        return configuration
    }

    func add(to router: Router<ManagementContext>) {
        router.post(Self.path) { request, _ in try await relay(request) }
        router.refuseOtherMethods(at: Self.path, allowed: [.post])
    }

    private func relay(_ request: Request) async throws -> Response {
        // Another site's page can't send this without being allowed to first.
        guard request.headers[.contentType]?.lowercased().hasPrefix("application/json") == true else {
            throw RequestFailure(status: .unsupportedMediaType, message: "the body must be application/json")
        }
        guard let address = dashboard.reverseProxy() else {
            throw RequestFailure(status: .serviceUnavailable, message: "the reverse proxy does not listen yet")
        }
        guard let place = dashboard.chats.take() else {
            throw RequestFailure(
                status: .serviceUnavailable,
                message: "\(Dashboard.maximumChats) chats of dashboards go on already: try again later"
            )
        }
        try request.checkAnnouncedBody(maximumBytes: Self.maximumBodyBytes)
        // Who leaves the page while the request waits must leave the queue.
        let response = try await request.body.consumeWithCancellationOnInboundClose { body in
            let whole = Request(head: request.head, body: body)
            let bytes = try await whole.boundedBody(maximumBytes: Self.maximumBodyBytes)
            return try await send(bytes, key: Self.field("X-Paddler-Client-Key", of: request), to: address)
        }
        return Response(
            status: .init(code: Int(response.status.code)),
            headers: headers(of: response),
            body: .init { writer in
                for try await piece in response.body { try await writer.write(piece) }
                try await writer.finish(nil)
                withExtendedLifetime(place) {}
            }
        )
    }

    private func send(_ body: [UInt8], key: String?, to address: NetworkAddress) async throws -> HTTPClientResponse {
        let scheme = dashboard.isReverseProxySecure ? "https" : "http"
        var request = HTTPClientRequest(url: "\(scheme)://\(Self.reachable(address))/v1/chat/completions")
        request.method = .POST
        request.headers.add(name: "content-type", value: "application/json")
        request.headers.add(name: "x-paddler-trace", value: dashboard.traceKey)
        if let key { request.headers.add(name: "authorization", value: "Bearer \(key)") }
        request.body = .bytes(ByteBuffer(bytes: body))
        do {
            return try await client.execute(request, timeout: Self.timeLimit)
        } catch {
            throw RequestFailure(status: .badGateway, message: "the reverse proxy could not be asked: \(error)")
        }
    }

    private func headers(of response: HTTPClientResponse) -> HTTPFields {
        var headers: HTTPFields = [.cacheControl: "no-store", .xContentTypeOptions: "nosniff"]
        headers[.contentType] = response.headers.first(name: "content-type") ?? "application/json"
        if let name = HTTPField.Name("X-Accel-Buffering") { headers[name] = "no" }
        if let name = HTTPField.Name("X-Paddler-Upstream"),
            let address = response.headers.first(name: "x-paddler-upstream")
        {
            headers[name] = self.name(of: address)
        }
        return headers
    }

    /// What its agent is called, as far as a field can hold it; else its address.
    private func name(of address: String) -> String {
        let upstream = fleet.snapshot().upstreams.first { $0.address.description == address }
        guard let name = upstream?.name, !name.isEmpty, name.utf8.allSatisfy({ 0x20...0x7e ~= $0 }) else {
            return address
        }
        return name
    }

    /// Nobody can connect to "any address of this machine", but to this machine.
    private static func reachable(_ address: NetworkAddress) -> NetworkAddress {
        switch address.host {
        case "0.0.0.0": NetworkAddress(host: "127.0.0.1", port: address.port)
        case "::": NetworkAddress(host: "::1", port: address.port)
        default: address
        }
    }

    private static func field(_ name: String, of request: Request) -> String? {
        HTTPField.Name(name).flatMap { request.headers[$0] }
    }
}
