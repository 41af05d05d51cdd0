extension AnswerTable {
    static var answerChunks: AnswerTable {
        var table = AnswerTable("answer's chunks")
        func with(_ body: String) -> String { Wire.head("HTTP/1.1 200 OK", ["Transfer-Encoding: chunked"], body: body) }
        func events(_ body: String) -> String {
            Wire.head("HTTP/1.1 200 OK", ["Content-Type: text/event-stream", "Transfer-Encoding: chunked"], body: body)
        }
        table.relay("RFC 9112 7.1", body: "5\r\nhello\r\n0\r\n\r\n", ["plain": with("5\r\nhello\r\n0\r\n\r\n")])
        table.relay("RFC 9112 7.1", body: "0\r\n\r\n", ["none": with("0\r\n\r\n")])
        table.relay(
            "RFC 9112 7.1.1",
            body: "5;a=b\r\nhello\r\n0\r\n\r\n",
            ["extension": with("5;a=b\r\nhello\r\n0\r\n\r\n")]
        )
        table.relay(
            "RFC 9112 7.1.2",
            body: "5\r\nhello\r\n0\r\nX: y\r\n\r\n",
            ["trailer": with("5\r\nhello\r\n0\r\nX: y\r\n\r\n")]
        )
        table.cut(
            "RFC 9112 7.1",
            [
                "no size": with("\r\nhello\r\n0\r\n\r\n"), "a word": with("hello"),
                "minus": with("-5\r\nhello\r\n0\r\n\r\n"),
                "0x": with("0x5\r\nhello\r\n0\r\n\r\n"), "space": with("5 \r\nhello\r\n0\r\n\r\n"),
                "LF": with("5\nhello\n0\n\n"),
                "too small": with("4\r\nhello\r\n0\r\n\r\n"), "too large": with("6\r\nhello\r\n0\r\n\r\n"),
                "2^64 + 5": with("10000000000000005\r\nhello\r\n0\r\n\r\n"),
                "LF behind data": with("5\r\nhello\n0\r\n\r\n"), "bad second": with("5\r\nhello\r\nx\r\n"),
                "LF at the end": with("5\r\nhello\r\n0\r\n\n"),
                "an answer": with("HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\nsmuggled"),
                "bad extension": with("5;\0\r\nhello\r\n0\r\n\r\n"),
                "bad trailer": with("5\r\nhello\r\n0\r\nX\r\n\r\n"),
                "length in the trailer": with("5\r\nhello\r\n0\r\nContent-Length: 5\r\n\r\n"),
                "CR in the trailer": with("5\r\nhello\r\n0\r\nX: a\rb\r\n\r\n"),
                "events, none": events("nonsense\r\n"),
            ]
        )
        table.cut(
            "RFC 9112 7.1",
            to: "POST",
            [
                "events of a slot, none": events("nonsense\r\n"),
                "events of a slot, bad second": events("9\r\ndata: 1\n\n\r\nnonsense\r\n"),
                "of a slot, a word": with("hello"),
            ]
        )
        table.cut(
            "RFC 9112 8",
            closes: true,
            [
                "no last": with("5\r\nhello\r\n"), "within a chunk": with("5\r\nhel"),
                "within a size": with("5\r\nhello\r\n5"), "nothing": with(""),
                "within the last": with("5\r\nhello\r\n0\r\n"), "within a trailer": with("5\r\nhello\r\n0\r\nX: y\r\n"),
            ]
        )
        return table
    }
}
