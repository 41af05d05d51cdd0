/// The text of messages. Each scalar is one byte, up to U+00FF.
enum Wire {
    static func bytes(_ text: String) -> [UInt8] {
        text.unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) }
    }

    /// A request that occupies a slot, with these lines behind its `Host`.
    static func post(_ lines: String..., body: String = "hello") -> String {
        head("POST /completion HTTP/1.1", ["Host: a"] + lines, body: body)
    }

    /// The same in chunks.
    /// - Parameter body: with its framing.
    static func chunked(_ body: String) -> String {
        post("Transfer-Encoding: chunked", body: body)
    }

    /// A request without a body, with these lines behind its `Host`.
    static func get(_ lines: String...) -> String {
        head("GET /props HTTP/1.1", ["Host: a"] + lines)
    }

    /// - Parameter host: nil: it has none.
    static func request(_ requestLine: String, host: String? = "a") -> String {
        head(requestLine, host.map { ["Host: \($0)"] } ?? [])
    }

    static func head(_ startLine: String, _ lines: [String], body: String = "") -> String {
        ([startLine] + lines).joined(separator: "\r\n") + "\r\n\r\n" + body
    }

    /// The text with each of its line ends in turn replaced, and the number of that line.
    static func replacingLineEnds(of text: String, with end: String) -> [(line: Int, text: String)] {
        let lines = text.split(separator: "\r\n", omittingEmptySubsequences: false)
        return (1..<lines.count).map { count in
            (count, lines[..<count].joined(separator: "\r\n") + end + lines[count...].joined(separator: "\r\n"))
        }
    }
}

extension PassedRequest {
    /// What becomes of `Wire.post` and `Wire.chunked`.
    static func post(
        _ body: String = "hello",
        present: [String] = [],
        absent: [String] = [],
        isLast: Bool = false
    ) -> PassedRequest {
        PassedRequest(
            startLine: "POST /completion HTTP/1.1",
            body: body,
            present: present,
            absent: absent,
            isLast: isLast
        )
    }

    /// What becomes of `Wire.get`.
    static func get(
        _ target: String = "/props",
        host: String = "a",
        present: [String] = [],
        absent: [String] = [],
        isLast: Bool = false
    ) -> PassedRequest {
        PassedRequest(
            startLine: "GET \(target) HTTP/1.1",
            host: host,
            present: present,
            absent: absent,
            isLast: isLast
        )
    }
}

/// So many of a text, one behind the other.
func many(_ text: String, _ count: Int) -> String {
    String(repeating: text, count: count)
}
