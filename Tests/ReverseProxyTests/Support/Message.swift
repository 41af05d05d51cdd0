/// A request or an answer as it came.
struct Message: Sendable {
    let startLine: String
    /// The field lines in order.
    let lines: [String]
    var body = ""

    init(head: String) {
        var lines = head.split(separator: "\r\n", omittingEmptySubsequences: true).map(String.init)
        startLine = lines.isEmpty ? "" : lines.removeFirst()
        self.lines = lines
    }

    /// The values of all lines of this field.
    subscript(name: String) -> [String] {
        lines.compactMap { line in
            guard line.lowercased().hasPrefix(name.lowercased() + ":") else { return nil }
            var value = line.dropFirst(name.count + 1).drop { $0 == " " }
            while value.last == " " { value.removeLast() }
            return String(value)
        }
    }

    var status: Int { Int(startLine.dropFirst(9).prefix(3)) ?? 0 }
}

extension RawConnection {
    func readHead() async throws -> Message {
        Message(head: try await read(through: "\r\n\r\n"))
    }

    /// A message with a `Content-Length`, in chunks (whose framing stays in the body), or with nothing behind its head.
    func readMessage() async throws -> Message {
        var message = try await readHead()
        if let length = message["Content-Length"].first.flatMap(Int.init) {
            message.body = try await read(length)
        } else if message["Transfer-Encoding"] == ["chunked"] {
            message.body = try await read(through: "0\r\n\r\n")
        }
        return message
    }
}

/// The text of messages.
enum HTTP {
    /// A request that occupies a slot.
    static func completion(
        _ body: String = "{}",
        fields: [String] = [],
        path: String = "/v1/chat/completions"
    ) -> String {
        let lines = ["POST \(path) HTTP/1.1", "Host: example", "Content-Length: \(body.utf8.count)"] + fields
        return lines.joined(separator: "\r\n") + "\r\n\r\n" + body
    }

    static func get(_ path: String, fields: [String] = []) -> String {
        (["GET \(path) HTTP/1.1", "Host: example"] + fields).joined(separator: "\r\n") + "\r\n\r\n"
    }

    static func answer(_ body: String = "hello", status: String = "200 OK", fields: [String] = []) -> String {
        (["HTTP/1.1 \(status)", "Content-Length: \(body.utf8.count)"] + fields).joined(separator: "\r\n") + "\r\n\r\n"
            + body
    }

    static func chunk(_ data: String) -> String {
        String(data.utf8.count, radix: 16) + "\r\n" + data + "\r\n"
    }

    static let eventStreamHead =
        "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
    static let lastChunk = "0\r\n\r\n"
}
