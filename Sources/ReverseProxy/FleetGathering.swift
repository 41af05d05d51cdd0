import LlamaServer
import NIOCore
import NIOPosix
import Scheduling

/// Asks several servers the same, each over a connection of its own that ends with the answer, and gathers what they say:
/// what is made of it is for ``FleetQuestion`` to say. A rare request, bounded in servers, bytes and time, and apart from the path of all others.
final class FleetGathering {
    static let maximumServers = 256
    /// Of one server's answer.
    static let maximumBytes = 1 << 20
    /// Until what has come is all there is.
    static let limit = TimeAmount.seconds(5)

    /// One of those that are asked.
    struct Asked {
        let route: UpstreamRoute
        /// Whole, as it gets it.
        let request: ByteBuffer

        init(_ route: UpstreamRoute, _ request: ByteBuffer) {
            self.route = route
            self.request = request
        }

        /// A question in our own words.
        ///
        /// - Parameters:
        ///   - body: of a POST; nil: it is a GET.
        ///   - keys: the client's field lines, for servers that have no key of their own.
        init(_ path: String, body: [UInt8]? = nil, of route: UpstreamRoute, keys: ByteBuffer, _ loop: ProxyLoop) {
            let method = body == nil ? "GET" : "POST"
            var request = ByteBuffer(string: "\(method) \(route.pathPrefix?.text ?? "")\(path) HTTP/1.1\r\n")
            request.writeString("Host: \(route.address.authority)\r\nConnection: close\r\n")
            request.writeBytes(loop.name.lines.http11)
            if let key = route.apiKey ?? loop.configuration.upstreamAPIKey {
                request.writeString("Authorization: Bearer \(key)\r\n")
            } else {
                request.writeImmutableBuffer(keys)
            }
            if let body {
                request.writeString("Content-Type: application/json\r\nContent-Length: \(body.count)\r\n")
            }
            request.writeStaticString("\r\n")
            request.writeBytes(body ?? [])
            self.init(route, request)
        }
    }

    private let asked: [Asked]
    /// Whether an answer makes all others superfluous.
    private let isEnough: (ServerAnswer) -> Bool
    private let loop: ProxyLoop
    /// By the place of who was asked.
    private var answers: [ServerAnswer?]
    private var countHeard = 0
    private var questions: [ServerQuestion] = []
    private var body: (([ServerAnswer?]) -> Void)?
    private var timeout: Scheduled<Void>?

    init(_ asked: [Asked], _ loop: ProxyLoop, until isEnough: @escaping (ServerAnswer) -> Bool = { _ in false }) {
        self.asked = asked
        self.loop = loop
        self.isEnough = isEnough
        answers = Array(repeating: nil, count: asked.count)
    }

    /// - Parameter body: called once, later on the same event loop, with an answer or none of each that was asked.
    func start(then body: @escaping ([ServerAnswer?]) -> Void) {
        self.body = body
        timeout = loop.eventLoop.assumeIsolated().scheduleTask(in: Self.limit) { self.end() }
        for index in asked.indices { ask(index) }
        // A fleet may have become empty meanwhile.
        if asked.isEmpty { end() }
    }

    private func ask(_ index: Int) {
        let route = asked[index].route
        let question = ServerQuestion(asked[index].request) { answer in self.heard(answer, of: index) }
        questions.append(question)
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

    private func heard(_ answer: ServerAnswer?, of index: Int) {
        answers[index] = answer
        countHeard += 1
        if countHeard == asked.count || answer.map(isEnough) == true { end() }
    }

    private func end() {
        guard let body else { return }
        self.body = nil
        timeout?.cancel()
        // Nobody wants to know any more.
        for question in questions { question.end() }
        body(answers)
    }
}
