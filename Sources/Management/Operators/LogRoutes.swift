import AgentProtocol
import HTTPTypes
import Hummingbird
import LlamaServer
import NIOCore
import Scheduling
import ServiceLifecycle

/// Where operators read the log of a server that its agent runs.
struct LogRoutes {
    let fleet: any FleetControl
    let messages: AgentMessages

    private static let path: RouterPath = "/api/v1/agents/:id/log"
    private static let standardLines = 200
    /// How long an agent has for an answer that needn't wait for the server.
    private static let answerLimit = Duration.seconds(5)

    func add(to router: Router<ManagementContext>) {
        router.get(Self.path) { request, context in
            try request.checkAnnouncedBody(maximumBytes: OperatorRoutes.maximumBodyBytes)
            try Self.check(context.caller)
            let name = try AgentName(pathParameter: context.parameters.get("id"))
            let query = request.uri.queryParameters
            let lines = try Self.lines(query["lines"].map(String.init))
            let follows = try Self.follows(query["follow"].map(String.init))
            return try await response(to: request, name, lines: lines, follows: follows, context)
        }
        // Not by way of GET: that asks the agent.
        router.head(Self.path) { _, context in
            try Self.check(context.caller)
            return Response(status: .ok, headers: Self.headers)
        }
        router.refuseOtherMethods(at: Self.path, allowed: [.get, .head])
    }

    private static func lines(_ text: String?) throws(RequestFailure) -> Int {
        guard let text else { return standardLines }
        guard let lines = Int(text), LogQuestion.lineCounts ~= lines else {
            throw .badRequest(
                "lines= must be a number from \(LogQuestion.lineCounts.lowerBound) to \(LogQuestion.lineCounts.upperBound)"
            )
        }
        return lines
    }

    private static func follows(_ text: String?) throws(RequestFailure) -> Bool {
        switch text {
        case nil, "false": return false
        case "true": return true
        default: throw .badRequest("follow= must be true or false")
        }
    }

    /// Prompts may stand in a server's log: who may see how the fleet is may not read them for that.
    private static func check(_ caller: Caller) throws(RequestFailure) {
        guard caller.permission == .everything else {
            throw RequestFailure(
                status: .forbidden,
                message: "a server's log may have prompts in it: it is shown to those who may change something, by a "
                    + "--management-token or a certificate"
            )
        }
    }

    private func response(
        to request: Request,
        _ name: AgentName,
        lines: Int,
        follows: Bool,
        _ context: ManagementContext
    ) async throws(RequestFailure) -> Response {
        let (reader, server) = try open(name)
        guard let first = await Self.firstAnswer(to: reader, lines: lines) else {
            throw RequestFailure(
                status: .gatewayTimeout,
                message: "the agent of \(server) hasn't answered within \(Self.answerLimit.components.seconds) s"
            )
        }
        let stream = LogStream(reader: reader, lines: lines, follows: follows, channel: context.channel)
        return Response(
            status: .ok,
            headers: Self.headers,
            body: .init { writer in
                try await withGracefulShutdownHandler {
                    guard follows else { return try await stream.write(from: first) { try await writer.write($0) } }
                    // It waits for the server, which may say nothing for hours.
                    try await request.body.consumeWithInboundCloseHandler { _ in
                        try await stream.write(from: first) { try await writer.write($0) }
                    } onInboundClosed: {
                        reader.end()
                    }
                } onGracefulShutdown: {
                    reader.end()
                }
                try await writer.finish(nil)
            }
        )
    }

    /// - Returns: with what the server is called.
    private func open(_ name: AgentName) throws(RequestFailure) -> (AgentLogReader, String) {
        let upstream = name.address.map(fleet.upstream(at:)) ?? fleet.upstream(of: AgentID(rawValue: name.text))
        guard let upstream else { throw name.isUnknown }
        let server = upstream.name ?? "\(upstream.address)"
        guard let agent = upstream.agent else {
            throw RequestFailure(status: .conflict, message: "the agent of \(server) is away, and with it the log")
        }
        switch messages.openLog(of: agent) {
        case .opened(let reader):
            return (reader, server)
        case .notKept:
            throw RequestFailure(
                status: .conflict,
                message: "the agent of \(server) doesn't run its llama-server, and hasn't its log: it is where whoever "
                    + "started the server has it. Agents have the logs of those that they run themselves (paddler serve, or "
                    + "paddler agent with models)"
            )
        case .unknown:
            throw RequestFailure(
                status: .notImplemented,
                message: "the agent of \(server) is of a version that can't tell its log: update it"
            )
        case .tooMany(let count):
            throw RequestFailure(
                status: .serviceUnavailable,
                message: "\(count) readers of logs are served already, and no more are: try it again later"
            )
        }
    }

    private static func firstAnswer(to reader: AgentLogReader, lines: Int) async -> LogAnswer? {
        await withTaskGroup { group in
            group.addTask { await reader.ask(after: nil, lines: lines, waits: false) }
            group.addTask {
                // Cancelled: there is an answer.
                try? await Task.sleep(for: answerLimit)
                return nil
            }
            defer { group.cancelAll() }
            return await group.next() ?? nil
        }
    }

    private static var headers: HTTPFields {
        var headers: HTTPFields = [.contentType: "text/plain; charset=utf-8", .cacheControl: "no-store"]
        // nginx holds answers back to fill a buffer unless it is told not to.
        if let name = HTTPField.Name("X-Accel-Buffering") { headers[name] = "no" }
        return headers
    }
}
