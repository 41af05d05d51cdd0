extension AnswerTable {
    static var answerLength: AnswerTable {
        var table = AnswerTable("answer's length")
        func with(_ lines: String..., body: String = "hello") -> String {
            Wire.head("HTTP/1.1 200 OK", lines, body: body)
        }
        table.relay(
            "RFC 9112 6.3",
            body: "hello",
            ["plain": with("Content-Length: 5"), "leading zero": with("Content-Length: 05")]
        )
        table.relay(
            "RFC 9112 6.3",
            body: "hello",
            isLast: true,
            closes: true,
            ["until the end": with(), "until the end, close": with("Connection: close")]
        )
        table.refuse(
            "RFC 9112 6.3",
            [
                "both": with("Content-Length: 5", "Transfer-Encoding: chunked"),
                "both, coding first": with("Transfer-Encoding: chunked", "Content-Length: 5"),
                "equal lines": with("Content-Length: 5", "Content-Length: 5"),
                "different lines": with("Content-Length: 5", "Content-Length: 0"),
                "list": with("Content-Length: 5, 5"), "empty": with("Content-Length:"),
                "plus": with("Content-Length: +5"),
                "minus": with("Content-Length: -5"), "hex": with("Content-Length: 0x5"),
                "word": with("Content-Length: five"),
                "2^64 + 5": with("Content-Length: 18446744073709551621"),
                "2^63": with("Content-Length: 9223372036854775808"),
                "parameter": with("Content-Length: 5;"), "tab": with("Content-Length:\t5"),
            ]
        )
        table.refuse(
            "RFC 9112 6.1",
            [
                "identity": with("Transfer-Encoding: identity"),
                "gzip, chunked": with("Transfer-Encoding: gzip, chunked"),
                "chunked, chunked": with("Transfer-Encoding: chunked, chunked"),
                "two codings": with("Transfer-Encoding: chunked", "Transfer-Encoding: chunked"),
                "xchunked": with("Transfer-Encoding: xchunked"), "tab behind": with("Transfer-Encoding: chunked\t"),
                "empty coding": with("Transfer-Encoding:"),
                "chunks of HTTP/1.0": "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
            ]
        )
        table.cut(
            "RFC 9112 8",
            closes: true,
            [
                "too short": with("Content-Length: 6"),
                "one byte missing of many": with("Content-Length: 20000", body: String(repeating: "x", count: 19_999)),
                "nothing of it": with("Content-Length: 5", body: ""),
            ]
        )
        return table
    }
}
