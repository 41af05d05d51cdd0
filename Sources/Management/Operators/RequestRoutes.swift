import HTTPTypes
import Hummingbird
import NIOCore
import RequestRecords

/// `GET /api/v1/requests`: those that are under way, and the last ones that ended.
struct RequestRoutes {
    let requests: @Sendable () async -> RequestListing

    static let path = "/api/v1/requests"
    private static let standardLimit = 100

    func add(to router: Router<ManagementContext>) {
        router.get(RouterPath(Self.path)) { request, _ in
            try request.checkAnnouncedBody(maximumBytes: OperatorRoutes.maximumBodyBytes)
            let query = request.uri.queryParameters
            let filter = RequestFilter(
                tenant: query["tenant"].map(String.init),
                upstream: query["upstream"].map(String.init),
                outcome: try Self.outcome(query["outcome"].map(String.init))
            )
            let limit = try Self.limit(query["limit"].map(String.init))
            return Response(
                status: .ok,
                headers: [.contentType: "application/json; charset=utf-8", .cacheControl: "no-store"],
                body: .init(byteBuffer: ByteBuffer(bytes: Self.json(await requests(), filter, limit: limit)))
            )
        }
        router.refuseOtherMethods(at: RouterPath(Self.path), allowed: [.get, .head])
    }

    /// - Parameter limit: of each list.
    static func json(_ listing: RequestListing, _ filter: RequestFilter, limit: Int) -> [UInt8] {
        var line = RequestLine()
        line.put("{\"running_total\":")
        line.write(listing.runningTotal)
        line.put(",\"running\":[")
        write(listing.running, filter, limit, into: &line)
        line.put("],\"ended\":[")
        write(listing.ended, filter, limit, into: &line)
        line.put("]}")
        return line.bytes
    }

    private static func write(
        _ records: [RequestRecord],
        _ filter: RequestFilter,
        _ limit: Int,
        into line: inout RequestLine
    ) {
        var count = 0
        for record in records where count < limit && filter.lets(record) {
            if count > 0 { line.put(",") }
            line.write(record)
            count += 1
        }
    }

    private static func outcome(_ text: String?) throws(RequestFailure) -> RequestOutcome.Kind? {
        guard let text else { return nil }
        guard let outcome = RequestOutcome.Kind(rawValue: text) else {
            let words = RequestOutcome.Kind.allCases.map(\.rawValue).joined(separator: ", ")
            throw .badRequest("outcome= must be one of: \(words)")
        }
        return outcome
    }

    private static func limit(_ text: String?) throws(RequestFailure) -> Int {
        guard let text else { return standardLimit }
        guard let limit = Int(text), 1...RecentRequests.most ~= limit else {
            throw .badRequest("limit= must be a number from 1 to \(RecentRequests.most)")
        }
        return limit
    }
}
