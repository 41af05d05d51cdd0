import AccessControl
import HTTPTypes
import Hummingbird
import Scheduling

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Where operators ask what would become of a request. It is sent nowhere, and nothing is counted.
struct ExplainRoutes {
    let fleet: any FleetControl
    /// nil: clients are all alike.
    let tenants: TenantRing?

    static let path = "/api/v1/explain"
    /// In bytes. Whoever asks with more learns as much from less.
    static let maximumBodyBytes = 16 << 20
    private static let standardPath = "/v1/chat/completions"
    private static let standardLimit = 100

    func add(to router: Router<ManagementContext>) {
        router.post(RouterPath(Self.path)) { request, _ in
            let query = request.uri.queryParameters
            let path = String(query["path"].map { $0.prefix { $0 != "?" } } ?? Self.standardPath[...])
            guard path.hasPrefix("/") else { throw RequestFailure.badRequest("path= must begin with a slash") }
            let limit = try Self.limit(query["limit"].map(String.init))
            let body = try await request.boundedBody(maximumBytes: Self.maximumBodyBytes)
            try Self.check(body)
            let asked = AskedRequest(
                path: path,
                body: body,
                session: Self.field("X-Session-Id", of: request) ?? Self.field("X-Conversation-Id", of: request),
                agent: Self.field("X-Paddler-Agent", of: request)
            )
            let asker = try asker(
                query["tenant"].map(String.init),
                class: Self.field("X-Paddler-Class", of: request)
            )
            guard let explanation = fleet.explain(asked, of: asker, limit: limit) else {
                throw RequestFailure.badRequest(
                    "a POST to \(path.prefix(200)) takes no slot: the least busy server gets it, or the one that it is about"
                )
            }
            return try OperatorReplies.response(ExplanationReply(explanation, of: asker, path: path))
        }
        router.refuseOtherMethods(at: RouterPath(Self.path), allowed: [.post])
    }

    private func asker(_ name: String?, class requestedClass: String?) throws(RequestFailure) -> Asker {
        guard let directory = tenants?.current else {
            guard name == nil else {
                throw Self.noTenant("there are no tenants: the balancer was started without --tenants-file")
            }
            return Asker(requestedClass: requestedClass)
        }
        guard let name else { return Asker(classes: directory.classes, requestedClass: requestedClass) }
        guard let tenant = directory.tenant(named: name) else {
            throw Self.noTenant("there is no tenant '\(name.prefix(100))' in the balancer's --tenants-file")
        }
        return Asker(tenant: tenant, classes: directory.classes, requestedClass: requestedClass)
    }

    private static func noTenant(_ message: String) -> RequestFailure {
        RequestFailure(status: .notFound, message: message)
    }

    /// A client would be told by llama-server, which isn't asked here.
    private static func check(_ body: [UInt8]) throws(RequestFailure) {
        // Forms begin with their boundary: transcriptions come as such.
        guard !body.isEmpty, !body.starts(with: "--".utf8) else { return }
        do {
            _ = try JSONDecoder().decode([String: AnyValue].self, from: Data(body))
        } catch {
            throw .badRequest("the body is not a JSON object, as llama-server takes it")
        }
    }

    private struct AnyValue: Decodable {
        init(from decoder: any Decoder) {}
    }

    private static func limit(_ text: String?) throws(RequestFailure) -> Int {
        guard let text else { return standardLimit }
        guard let limit = Int(text), 1...Explanation.mostUpstreams ~= limit else {
            throw .badRequest("limit= must be a number from 1 to \(Explanation.mostUpstreams)")
        }
        return limit
    }

    private static func field(_ name: String, of request: Request) -> String? {
        HTTPField.Name(name).flatMap { request.headers[$0] }.flatMap { $0.isEmpty ? nil : $0 }
    }
}
