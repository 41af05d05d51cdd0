/// Why a server answered 503.
public enum Unavailability: Equatable, Sendable {
    /// llama-server loads its model; it executes nothing.
    case loading
    /// Something else, with what it says: a limiter or a proxy in front of the server, a router.
    case other(String)

    /// - Parameter body: of the answer, or its beginning; nothing is expected of it.
    public init(body: [UInt8]) {
        let error = ErrorBody(status: 503, body: body)
        // tools/server/server-http.cpp: the middleware that every request passes while the server starts.
        if error.type == "unavailable_error", error.message == "Loading model" {
            self = .loading
            return
        }
        let isReply = (try? ErrorReply(json: body)) != nil
        let text = isReply ? error.message : String(decoding: body, as: UTF8.self)
        self = .other(Self.onOneLine(text))
    }

    private static func onOneLine(_ text: String) -> String {
        let words = text.unicodeScalars.split { $0.value <= 0x20 || $0.value == 0x7f }
        var line = String()
        for word in words {
            guard line.unicodeScalars.count + word.count < maximumLength else { return line + " ..." }
            if !line.isEmpty { line.unicodeScalars.append(" ") }
            line.unicodeScalars.append(contentsOf: word)
        }
        return line
    }

    /// In characters: it becomes a part of a message.
    private static let maximumLength = 300
}
