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

    /// One of those that are asked.
    struct Asked {
        let route: UpstreamRoute
        /// What clients call it.
        let name: String
        /// Whole, as it gets it.
        let request: ByteBuffer

        init(_ route: UpstreamRoute, name: String, _ request: ByteBuffer) {
            self.route = route
            self.name = name
            self.request = request
        }
    }

    private let question: FleetQuestion
    private let asked: [Asked]
    private let loop: ProxyLoop
    /// By the place of who was asked.
    private var answers: [ServerAnswer?]
    private var countHeard = 0
    private var body: ((LocalAnswer) -> Void)?
    private var timeout: Scheduled<Void>?

    init(_ question: FleetQuestion, of asked: [Asked], _ loop: ProxyLoop) {
        self.question = question
        self.asked = asked.sorted { $0.route.address.description < $1.route.address.description }
        self.loop = loop
        answers = Array(repeating: nil, count: asked.count)
    }

    /// A question in our own words.
    ///
    /// - Parameter keys: the client's field lines, for servers that have no key of their own.
    convenience init(_ question: FleetQuestion, of routes: [UpstreamRoute], keys: ByteBuffer, _ loop: ProxyLoop) {
        let asked = routes.map { route in
            Asked(route, name: "\(route.address)", Self.request(question.path ?? "/", to: route, keys: keys, loop))
        }
        self.init(question, of: asked, loop)
    }

    /// - Parameter body: called once, later on the same event loop.
    func start(then body: @escaping (LocalAnswer) -> Void) {
        self.body = body
        timeout = loop.eventLoop.assumeIsolated().scheduleTask(in: Self.limit) { self.end() }
        for index in asked.indices { ask(index) }
        // A fleet may have become empty meanwhile.
        if asked.isEmpty { end() }
    }

    private func ask(_ index: Int) {
        let route = asked[index].route
        let question = ServerQuestion(asked[index].request) { answer in self.heard(answer, of: index) }
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

    private static func request(
        _ path: String,
        to route: UpstreamRoute,
        keys: ByteBuffer,
        _ loop: ProxyLoop
    ) -> ByteBuffer {
        var request = ByteBuffer(string: "GET \(route.pathPrefix?.text ?? "")\(path) HTTP/1.1\r\n")
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

    private func heard(_ answer: ServerAnswer?, of index: Int) {
        answers[index] = answer
        countHeard += 1
        if countHeard == asked.count { end() }
    }

    private func end() {
        guard let body else { return }
        self.body = nil
        timeout?.cancel()
        switch question {
        case .metrics: body(metrics)
        case .models: body(models)
        case .adapters: body(change)
        }
    }

    private var metrics: LocalAnswer {
        var sum = MetricsSum()
        var count = 0
        for (asked, answer) in zip(asked, answers) {
            guard let text = answer?.good else { continue }
            sum.add(text, of: "\(asked.route.address)")
            count += 1
        }
        guard count > 0 else { return .noMetrics(servers: asked.count) }
        let remark = count < asked.count ? "# \(count) of \(asked.count) servers have answered\n" : ""
        return .metrics(remark + sum.text)
    }

    private var models: LocalAnswer {
        var sum = ModelsSum()
        for answer in answers { if let text = answer?.good { sum.add(Array(text.utf8)) } }
        return sum.isEmpty ? .noModels(servers: asked.count) : .json(String(decoding: sum.json, as: UTF8.self))
    }

    private var change: LocalAnswer {
        var change = SharedChange()
        for (asked, answer) in zip(asked, answers) { change.add(answer, of: asked.name) }
        return change.answer
    }
}
