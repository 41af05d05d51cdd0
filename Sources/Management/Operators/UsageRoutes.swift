import HTTPTypes
import Hummingbird
import NIOCore
import Usage

/// `GET /api/v1/usage`: what each tenant got.
struct UsageRoutes {
    let usage: @Sendable (UsageQuery) async throws -> UsageAnswer
    /// Nanoseconds since 1970.
    let wallClock: @Sendable () -> Int64

    static let path = "/api/v1/usage"

    private enum Format: String {
        case json, csv
    }

    func add(to router: Router<ManagementContext>) {
        router.get(RouterPath(Self.path)) { request, _ in
            try request.checkAnnouncedBody(maximumBytes: OperatorRoutes.maximumBodyBytes)
            let parameters = request.uri.queryParameters
            let format = try Self.format(parameters["format"].map(String.init), accept: request.headers[.accept])
            do {
                let query = try UsageQuery(
                    from: parameters["from"].map(String.init),
                    to: parameters["to"].map(String.init),
                    by: parameters["by"].map(String.init),
                    now: Int(wallClock() / 1_000_000_000)
                )
                let answer = try await usage(query)
                // Of many rows it takes long: not on the control plane's thread, which agents are heard by.
                return try await withTaskExecutorPreference(globalConcurrentExecutor) {
                    try Self.response(answer, format)
                }
            } catch let mistake as UsageQueryMistake {
                throw RequestFailure.badRequest("\(mistake)")
            } catch let failure as UsageFailure {
                throw RequestFailure(status: .serviceUnavailable, message: "usage can't be read: \(failure)")
            }
        }
        router.refuseOtherMethods(at: RouterPath(Self.path), allowed: [.get, .head])
    }

    private static func response(_ answer: UsageAnswer, _ format: Format) throws -> Response {
        switch format {
        case .json: return try OperatorReplies.response(UsageReply(answer))
        case .csv:
            var headers: HTTPFields = [
                .contentType: "text/csv; charset=utf-8; header=present", .cacheControl: "no-store",
            ]
            headers[.contentDisposition] = "attachment; filename=\"usage.csv\""
            return Response(status: .ok, headers: headers, body: .init(byteBuffer: ByteBuffer(string: answer.csv)))
        }
    }

    private static func format(_ text: String?, accept: String?) throws(RequestFailure) -> Format {
        guard let text else { return accept?.lowercased().hasPrefix("text/csv") == true ? .csv : .json }
        guard let format = Format(rawValue: text) else { throw .badRequest("format= must be json or csv") }
        return format
    }
}
