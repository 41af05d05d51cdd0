internal import LlamaServer

/// Where spans go, by OTLP over HTTP.
public struct CollectorEndpoint: Equatable, Sendable, CustomStringConvertible {
    public let url: String

    public var description: String { url }

    /// - Parameter text: `http://host:port` or `https://host:port`, with or without a path; without one it is OTLP's own.
    /// - Returns: nil if it is none.
    public init?(_ text: String) {
        guard let scheme = Self.schemes.first(where: { text.lowercased().hasPrefix($0) }),
            text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && !Self.forbidden.contains($0) })
        else { return nil }
        let rest = text.dropFirst(scheme.count)
        let authority = rest.prefix { $0 != "/" }
        let path = rest.dropFirst(authority.count)
        let hasPort = (try? NetworkAddress(parsing: String(authority))) != nil
        guard hasPort || (try? NetworkAddress(parsing: "\(authority):1")) != nil else { return nil }
        url = "\(scheme)\(authority)\(path.isEmpty || path == "/" ? Self.path : String(path))"
    }

    private static let schemes = ["http://", "https://"]
    /// OTLP/HTTP: the path of traces.
    private static let path = "/v1/traces"
    /// Who is to be let in says so in a header.
    private static let forbidden = Array("@?#\"<>\\".utf8)
}
