#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// What is asked of usage; nil each: what the balancer takes then.
public struct AskedUsage: Equatable, Sendable {
    /// A day, or a whole hour in UTC.
    public var from: String?
    public var to: String?
    /// `tenant`, `model`, `hour`, `day`, with commas between them.
    public var by: String?

    public init(from: String? = nil, to: String? = nil, by: String? = nil) {
        self.from = from
        self.to = to
        self.by = by
    }

    func path(format: String) -> String {
        var path = "/api/v1/usage?format=\(format)"
        for (name, value) in [("from", from), ("to", to), ("by", by)] {
            if let value { path += "&\(name)=\(PathSegment.encoded(value))" }
        }
        return path
    }
}

extension ManagementClient {
    /// What each tenant got.
    ///
    /// - Returns: the balancer's JSON, and the same read.
    public func usage(
        _ asked: AskedUsage
    ) async throws(ManagementClientError) -> (json: [UInt8], document: UsageDocument) {
        let body = try await ask("GET", asked.path(format: "json"))
        guard let document = try? JSONDecoder().decode(UsageDocument.self, from: Data(body)) else {
            throw .garbled(balancer.url)
        }
        return (body, document)
    }

    /// The same for spreadsheets.
    public func usageCSV(_ asked: AskedUsage) async throws(ManagementClientError) -> [UInt8] {
        try await ask("GET", asked.path(format: "csv"))
    }
}
