import AgentProtocol
import LlamaServer
import NIOCore
import NIOHTTP1
import NIOSSL
import Synchronization

/// The balancer's end of agents' connections: what agents say comes out as events, in order.
final class BalancerStub: Sendable {
    private let events: AsyncStream<Event>
    private let feed: AsyncStream<Event>.Continuation
    /// The last report that a test was told of.
    private let latest = Mutex(StatusReport?.none)

    enum Event: Sendable {
        case opened(Connection, path: String, contentType: String?, authorization: String? = nil)
        case said(AgentMessage)
        case garbage(String)
        /// The request's body ended as it should.
        case ended
        case closed
    }

    struct Connection: Sendable {
        fileprivate let channel: any Channel
        fileprivate let response: Response
        fileprivate let authorization: String?

        func say(_ message: BalancerMessage) async throws {
            let line = ByteBuffer(bytes: try encodeLine(message))
            try await channel.writeAndFlush(HTTPServerResponsePart.body(.byteBuffer(line)))
        }

        /// Ends the response, as a balancer does that says no.
        func end() async throws {
            guard response.end() else { return }
            try await channel.writeAndFlush(HTTPServerResponsePart.end(nil))
        }

        /// As a balancer does that crashes.
        func close() async throws {
            try await channel.close()
        }
    }

    /// Ended by whoever comes first: the test, or the end of the request.
    fileprivate final class Response: Sendable {
        private let isOver = Atomic(false)

        func end() -> Bool {
            !isOver.exchange(true, ordering: .acquiringAndReleasing)
        }
    }

    private init() {
        (events, feed) = AsyncStream.makeStream()
    }

    static func start(port: Int = 0, tls: TLSConfiguration? = nil) async throws -> (BalancerStub, HTTPStub) {
        let balancer = BalancerStub()
        let feed = balancer.feed
        let divided = Divided()
        return (balancer, try await HTTPStub.listen(port: port, tls: tls) { Handler(feed: feed, divided: divided) })
    }

    /// The next thing that happens, whatever it is.
    func next() async -> Event? {
        var iterator = events.makeAsyncIterator()
        return await iterator.next()
    }

    /// Waits for an agent to open a connection, and welcomes it.
    func welcome() async throws -> Connection? {
        while let event = await next() {
            guard case .opened(let connection, _, _, _) = event else { continue }
            try await connection.say(.welcome(balancerVersion: "1"))
            return connection
        }
        return nil
    }

    /// Waits for a message that will do; others are passed over.
    func message(where willDo: (AgentMessage) -> Bool) async -> AgentMessage? {
        while let event = await next() {
            guard case .said(let message) = event else { continue }
            latest.withLock { _ = $0.heard(message) }
            if willDo(message) { return message }
        }
        return nil
    }

    /// Waits for a report that will do, news of the slots alone being the report before with those slots; others are
    /// passed over.
    func report(where willDo: (StatusReport) -> Bool) async -> StatusReport? {
        while let event = await next() {
            guard case .said(let message) = event, let report = latest.withLock({ $0.heard(message) }) else { continue }
            if willDo(report) { return report }
        }
        return nil
    }

    /// Connections whose agents say things by other requests, by their paths.
    private final class Divided: Sendable {
        private let connections = Mutex<[String: Connection]>([:])

        func open(_ path: String, _ connection: Connection) {
            guard path.contains("/connections/") else { return }
            connections.withLock { $0[path] = connection }
        }

        /// - Returns: nil if the path is no one's for lines.
        func connection(ofLines path: String) -> Connection?? {
            guard path.hasSuffix("/lines") else { return nil }
            return .some(connections.withLock { $0[String(path.dropLast("/lines".count))] })
        }
    }

    /// Its state belongs to its connection's event loop, on which alone NIO calls a handler.
    private final class Handler: ChannelInboundHandler, Sendable {
        typealias InboundIn = HTTPServerRequestPart
        typealias OutboundOut = HTTPServerResponsePart

        private let feed: AsyncStream<Event>.Continuation
        private let divided: Divided
        private let lines = Mutex(MessageLines())
        private let response = Response()
        private let request = Mutex(Kind.none)

        private enum Kind {
            case none
            case health
            /// The agent's side ends with the request.
            case connection
            /// The agent's side goes on by other requests.
            case opening
            case lines(of: Connection?, authorization: String?)
        }

        init(feed: AsyncStream<Event>.Continuation, divided: Divided) {
            self.feed = feed
            self.divided = divided
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            switch unwrapInboundIn(data) {
            case .head(let head):
                let authorization = head.headers.first(name: "authorization")
                if head.uri == "/health" {
                    request.withLock { $0 = .health }
                    return
                }
                if let connection = divided.connection(ofLines: head.uri) {
                    return request.withLock { $0 = .lines(of: connection, authorization: authorization) }
                }
                let connection = Connection(
                    channel: context.channel,
                    response: response,
                    authorization: authorization
                )
                divided.open(head.uri, connection)
                request.withLock { $0 = head.uri.contains("/connections/") ? .opening : .connection }
                feed.yield(
                    .opened(
                        connection,
                        path: head.uri,
                        contentType: head.headers.first(name: "content-type"),
                        authorization: authorization
                    )
                )
                // Behind that, for it lets the agent say things by other connections.
                let headers: HTTPHeaders = ["transfer-encoding": "chunked"]
                context.writeAndFlush(
                    wrapOutboundOut(.head(HTTPResponseHead(version: .http1_1, status: .ok, headers: headers))),
                    promise: nil
                )
            case .body(let piece):
                read(piece)
            case .end:
                switch request.withLock({ $0 }) {
                case .none, .opening: return
                case .health: answer(context, .ok)
                case .lines(let connection, let authorization):
                    answerLines(of: connection, showing: authorization, context)
                case .connection:
                    feed.yield(.ended)
                    guard response.end() else { return }
                    context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
                }
            }
        }

        private func answerLines(
            of connection: Connection?,
            showing authorization: String?,
            _ context: ChannelHandlerContext
        ) {
            guard let connection, connection.channel.isActive else { return answer(context, .notFound) }
            answer(context, connection.authorization == authorization ? .noContent : .unauthorized)
        }

        private func answer(_ context: ChannelHandlerContext, _ status: HTTPResponseStatus) {
            let headers: HTTPHeaders = status == .noContent ? [:] : ["content-length": "0"]
            let head = HTTPResponseHead(version: .http1_1, status: status, headers: headers)
            context.write(wrapOutboundOut(.head(head)), promise: nil)
            context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        }

        func channelInactive(context: ChannelHandlerContext) {
            switch request.withLock({ $0 }) {
            case .none, .health, .lines: return
            case .connection, .opening: feed.yield(.closed)
            }
        }

        private func read(_ piece: ByteBuffer) {
            do {
                for line in try lines.withLock({ try $0.append(piece.readableBytesView) }) {
                    guard let message = try AgentMessage.decode(line: line) else { continue }
                    feed.yield(.said(message))
                    guard message == .goodbye, case .lines(let connection?, _) = request.withLock({ $0 }) else {
                        continue
                    }
                    // There is no other end of what the agent says.
                    feed.yield(.ended)
                    guard connection.response.end() else { continue }
                    connection.channel.writeAndFlush(HTTPServerResponsePart.end(nil), promise: nil)
                }
            } catch {
                feed.yield(.garbage("\(error)"))
            }
        }
    }
}

extension StatusReport? {
    /// - Returns: what the message makes of the report before; nil if it says nothing of the server.
    fileprivate mutating func heard(_ message: AgentMessage) -> StatusReport? {
        switch message {
        case .report(let report):
            self = report
        case .slots(let report):
            self?.slots = report.slots
            self?.sentAtMilliseconds = report.sentAtMilliseconds
        case .hello, .others, .promptSeed, .prompt, .heartbeat, .log, .goodbye:
            return nil
        }
        return self
    }
}
