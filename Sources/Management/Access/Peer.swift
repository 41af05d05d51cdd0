import AccessControl
import HTTPTypes

/// Who is at the other end, and for whom it speaks if it is a proxy that is trusted.
struct Peer: Equatable, Sendable {
    /// nil: the system doesn't tell.
    var client: IPAddress?
    /// What a trusted proxy says that its client asked for.
    var host: String?

    init() {}

    /// - Parameters:
    ///   - head: of the request.
    ///   - address: at the other end of the connection.
    ///   - trusted: nil: no proxy is. A page's script could send the fields itself, from this very machine.
    init(_ head: HTTPRequest, at address: IPAddress?, trusted: TrustedProxies?) {
        client = address
        guard let trusted, let address, trusted.contains(address) else { return }
        host = head.headerFields[.xForwardedHost].flatMap(Self.nearestToClient)
        client = trusted.client(of: head.headerFields[.xForwardedFor] ?? "", at: address)
    }

    private static func nearestToClient(_ field: String) -> String? {
        field.split(separator: ",").first.map { $0.filter { $0 != " " } }
    }

    /// For log lines.
    var description: String { client?.description ?? "unknown" }
}

extension HTTPField.Name {
    static let xForwardedFor = Self("X-Forwarded-For")!
    static let xForwardedHost = Self("X-Forwarded-Host")!
    static let xForwardedProto = Self("X-Forwarded-Proto")!
}
