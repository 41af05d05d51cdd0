extension AnswerTable {
    /// What comes behind an answer belongs to nobody, and its connection isn't used again: RFC 9112 9.
    static var secondAnswer: AnswerTable {
        var table = AnswerTable("second answer")
        let smuggled = "HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\nsmuggled"
        func with(_ lines: String..., status: String = "200 OK", body: String = "") -> String {
            Wire.head("HTTP/1.1 \(status)", lines) + body + smuggled
        }
        table.relay("RFC 9112 6.3", body: "hello", ["behind a length": with("Content-Length: 5", body: "hello")])
        table.relay("RFC 9112 6.3", body: "", ["behind a length of zero": with("Content-Length: 0")])
        table.relay(
            "RFC 9112 7.1",
            body: "0\r\n\r\n",
            ["behind chunks": with("Transfer-Encoding: chunked", body: "0\r\n\r\n")]
        )
        table.relay(
            "RFC 9112 7.1",
            body: "5\r\nhello\r\n0\r\nX: y\r\n\r\n",
            ["behind a trailer": with("Transfer-Encoding: chunked", body: "5\r\nhello\r\n0\r\nX: y\r\n\r\n")]
        )
        table.relay(
            "RFC 9112 6.3",
            body: "hello",
            to: "POST",
            ["behind one to a slot": with("Content-Length: 5", body: "hello")]
        )
        table.relay("RFC 9110 15.3.5", 204, ["behind 204": with(status: "204 No Content")])
        table.relay(
            "RFC 9110 15.3.5",
            204,
            ["behind 204 with a length": with("Content-Length: 5", status: "204 No Content", body: "hello")]
        )
        table.relay(
            "RFC 9110 15.3.5",
            204,
            ["behind 204 with chunks": with("Transfer-Encoding: chunked", status: "204 No Content", body: "0\r\n\r\n")]
        )
        table.relay("RFC 9110 15.4.5", 304, ["behind 304": with(status: "304 Not Modified")])
        table.relay(
            "RFC 9110 15.4.5",
            304,
            ["behind 304 with a body": with("Content-Length: 5", status: "304 Not Modified", body: "hello")]
        )
        table.relay("RFC 9110 9.3.2", to: "HEAD", ["behind one to HEAD": with("Content-Length: 5")])
        table.relay("RFC 9110 9.3.2", to: "HEAD", ["behind a body to HEAD": with("Content-Length: 5", body: "hello")])
        table.relay(
            "RFC 9110 9.3.2",
            to: "HEAD",
            ["behind chunks to HEAD": with("Transfer-Encoding: chunked", body: "0\r\n\r\n")]
        )
        table.relay(
            "RFC 9112 9.3",
            body: "hello",
            ["behind one that closes": with("Connection: close", "Content-Length: 5", body: "hello")]
        )
        table.relay("RFC 9112 6.3", body: "hello", ["behind a line end": with("Content-Length: 5", body: "hello\r\n")])
        return table
    }
}
