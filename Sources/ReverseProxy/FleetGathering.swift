import LlamaServer
import NIOCore
import NIOPosix
import Scheduling

/// Asks several servers the same, each over a connection of its own that ends with the answer, and adds up what they
/// say. A rare request, bounded in servers, bytes and time, and apart from the path of all others.
final class FleetGathering {
    static let maximumServers = 256
    /// Of one server's answer.
    static let maximumBytes = 1 << 20
    /// Until what has come is all there is.
    static let limit = TimeAmount.seconds(5)

    private let question: FleetQuestion
    private let routes: [UpstreamRoute]
    private let keys: ByteBuffer
    private let loop: ProxyLoop
    private var answers: [(route: UpstreamRoute, text: String?)] = []
    private var body: ((LocalAnswer) -> Void)?
    private var timeout: Scheduled<Void>?

    /// - Parameter keys: the client's field lines, for servers that have no key of their own.
    init(_ question: FleetQuestion, of routes: [UpstreamRoute], keys: ByteBuffer, _ loop: ProxyLoop) {
        self.question = question
        self.routes = routes
        self.keys = keys
        self.loop = loop
    }

    /// - Parameter body: called once, later on the same event loop.
    func start(then body: @escaping (LocalAnswer) -> Void) {
        self.body = body
        timeout = loop.eventLoop.assumeIsolated().scheduleTask(in: Self.limit) { self.end() }
        for route in routes { ask(route) }
    }

    private func ask(_ route: UpstreamRoute) {
        let question = ServerQuestion(request(to: route)) { text in self.heard(text, of: route) }
        let bound = NIOLoopBound((question: question, loop: loop), eventLoop: loop.eventLoop)
        let bootstrap = ClientBootstrap(group: loop.eventLoop)
            .connectTimeout(Self.limit)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let (question, loop) = bound.value
                    let pipeline = channel.pipeline.syncOperations
                    if route.usesTLS { try pipeline.addHandler(loop.tls.handler(for: route)) }
                    try pipeline.addHandler(question)
                }
            }
        loop.connected(bootstrap, to: route.address, SocketAddress(literal: route.address))
            .assumeIsolated()
            .whenFailure { _ in question.end() }
        // Whoever is asked holds on to nothing for longer than the one who asks.
        loop.eventLoop.assumeIsolated().scheduleTask(in: Self.limit) { question.end() }
    }

    private func request(to route: UpstreamRoute) -> ByteBuffer {
        var request = ByteBuffer(string: "GET \(route.pathPrefix?.text ?? "")\(question.path) HTTP/1.1\r\n")
        request.writeString("Host: \(route.address.authority)\r\nConnection: close\r\n")
        request.writeBytes(loop.name.lines.http11)
        if let key = route.apiKey ?? loop.configuration.upstreamAPIKey {
            request.writeString("Authorization: Bearer \(key)\r\n")
        } else {
            request.writeImmutableBuffer(keys)
        }
        request.writeStaticString("\r\n")
        return request
    }

    private func heard(_ text: String?, of route: UpstreamRoute) {
        answers.append((route, text))
        if answers.count == routes.count { end() }
    }

    private func end() {
        guard let body else { return }
        self.body = nil
        timeout?.cancel()
        let good = answers.sorted { $0.route.address.description < $1.route.address.description }
            .compactMap { answer in answer.text.map { (route: answer.route, text: $0) } }
        switch question {
        case .metrics: body(metrics(good))
        case .models: body(models(good))
        }
    }

    private func metrics(_ answers: [(route: UpstreamRoute, text: String)]) -> LocalAnswer {
        guard !answers.isEmpty else { return .noMetrics(servers: routes.count) }
        var sum = MetricsSum()
        for (route, text) in answers { sum.add(text, of: "\(route.address)") }
        let isPart = answers.count < routes.count
        let remark = isPart ? "# \(answers.count) of \(routes.count) servers have answered\n" : ""
        return .metrics(remark + sum.text)
    }

    private func models(_ answers: [(route: UpstreamRoute, text: String)]) -> LocalAnswer {
        var sum = ModelsSum()
        for (_, text) in answers { sum.add(Array(text.utf8)) }
        return sum.isEmpty ? .noModels(servers: routes.count) : .models(sum.json)
    }
}
