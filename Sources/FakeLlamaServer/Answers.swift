import NIOCore

/// What answers are made of, made once. The ordinary ones are ready as a whole; those that a script changes are made
/// when asked for.
struct Answers: Sendable {
    private let options: ServerOptions
    let server: String
    private let keepAlive: String
    /// Whole, with a 200 head, for the flags' sizes.
    private let ordinary: [AnswerShape: AnswerTemplate]
    private let ordinaryEvents: [AnswerShape: EventTemplate]
    private let ordinaryStreamHead: ByteBuffer

    init(options: ServerOptions, server: String) {
        self.options = options
        self.server = server
        let isLimited = options.keepAliveRequests > 0 && options.keepAliveIdle.amount > .zero
        let seconds = max(1, options.keepAliveIdle.amount.nanoseconds / 1_000_000_000)
        keepAlive = isLimited ? "Keep-Alive: timeout=\(seconds), max=\(options.keepAliveRequests)\r\n" : ""
        var ordinary: [AnswerShape: AnswerTemplate] = [:]
        var events: [AnswerShape: EventTemplate] = [:]
        for shape in AnswerShape.allCases {
            let body = AnswerTemplate(shape: shape, bytes: options.answerBytes, server: server)
            let head = Self.head(200, Self.json, length: body.count, keepAlive, server)
            ordinary[shape] = body.preceded(by: head)
            events[shape] = EventTemplate(
                shape: shape,
                bytes: options.eventBytes,
                server: server,
                timestamps: options.timestamps
            )
        }
        self.ordinary = ordinary
        ordinaryEvents = events
        ordinaryStreamHead = ByteBuffer(string: Self.streamHead(200, keepAlive, server))
    }

    static let json = "application/json; charset=utf-8"

    /// - Parameter announced: what Content-Length says beyond the body's true length.
    func whole(
        _ shape: AnswerShape,
        _ script: Script,
        _ digest: BodyDigest,
        closes: Bool,
        announced: Int = 0
    ) -> ByteBuffer {
        let isOrdinary = script.status == 200 && script.answerBytes == options.answerBytes && !closes && announced == 0
        if isOrdinary, let answer = ordinary[shape] { return answer.copy(digest, ByteBufferAllocator()) }
        let body = AnswerTemplate(shape: shape, bytes: script.answerBytes, server: server)
        let head = head(script.status, Self.json, length: body.count + announced, closes: closes)
        return body.preceded(by: head).copy(digest, ByteBufferAllocator())
    }

    func streamHead(_ script: Script, closes: Bool) -> ByteBuffer {
        if script.status == 200, !closes { return ordinaryStreamHead }
        return ByteBuffer(string: Self.streamHead(script.status, closes ? Self.close : keepAlive, server))
    }

    func events(_ shape: AnswerShape, _ script: Script) -> EventTemplate {
        if script.eventBytes == options.eventBytes, let events = ordinaryEvents[shape] { return events }
        return EventTemplate(shape: shape, bytes: script.eventBytes, server: server, timestamps: options.timestamps)
    }

    func text(
        _ status: Int,
        _ body: String,
        type: String = json,
        closes: Bool = false,
        isHead: Bool = false
    )
        -> ByteBuffer
    {
        let head = head(status, type, length: body.utf8.count, closes: closes)
        return ByteBuffer(string: isHead ? head : head + body)
    }

    func error(_ status: Int, closes: Bool) -> ByteBuffer {
        let (type, message) = Self.errors[status] ?? ("server_error", "Told to fail.")
        let body = #"{"error":{"code":\#(status),"message":"\#(message)","type":"\#(type)"}}"#
        return text(status, body, closes: closes)
    }

    func head(_ status: Int, _ type: String, length: Int, closes: Bool) -> String {
        Self.head(status, type, length: length, closes ? Self.close : keepAlive, server)
    }

    private static let close = "Connection: close\r\n"

    private static let errors: [Int: (type: String, message: String)] = [
        400: ("invalid_request_error", "The script makes no sense."),
        401: ("authentication_error", "Invalid API Key"),
        404: ("not_found_error", "File Not Found"),
        413: ("invalid_request_error", "Told to answer before the body."),
        501: ("not_supported_error", "This server does not support slots endpoint. Start it with `--slots`"),
        503: ("unavailable_error", "Loading model"),
    ]

    private static func head(
        _ status: Int,
        _ type: String,
        length: Int,
        _ connection: String,
        _ server: String
    ) -> String {
        start(status, connection, server) + "Content-Type: \(type)\r\nContent-Length: \(length)\r\n\r\n"
    }

    private static func streamHead(_ status: Int, _ connection: String, _ server: String) -> String {
        start(status, connection, server)
            + "Content-Type: text/event-stream\r\nX-Accel-Buffering: no\r\nTransfer-Encoding: chunked\r\n\r\n"
    }

    private static func start(_ status: Int, _ connection: String, _ server: String) -> String {
        "HTTP/1.1 \(status) \(reasons[status] ?? "Status")\r\nServer: llama.cpp\r\nX-Fake-Server: \(server)\r\n"
            + "Access-Control-Allow-Origin: *\r\n" + connection
    }

    private static let reasons = [
        200: "OK", 204: "No Content", 400: "Bad Request", 401: "Unauthorized", 404: "Not Found",
        413: "Payload Too Large", 500: "Internal Server Error", 501: "Not Implemented", 503: "Service Unavailable",
    ]
}
