extension RequestTable {
    /// Trailers are checked and left out: nobody behind us waits for them, RFC 9110 6.5.1.
    static var trailer: RequestTable {
        var table = RequestTable("trailer")
        func with(_ lines: String) -> String { Wire.chunked("5\r\nhello\r\n0\r\n\(lines)\r\n\r\n") }
        table.pass(
            "RFC 9112 7.1.2",
            as: .post(absent: ["X", "Y", "Trailer"]),
            [
                "one": with("X: 1"), "empty": with("X:"), "two": with("X: 1\r\nY: 2"), "tab within": with("X: 1\t2"),
                "obs-text": with("X: \u{C3}\u{A9}"),
                "announced": Wire.post(
                    "Trailer: X",
                    "Transfer-Encoding: chunked",
                    body: "5\r\nhello\r\n0\r\nX: 1\r\n\r\n"
                ),
            ]
        )
        // Left out like all others, so that they do no harm.
        table.pass(
            "RFC 9110 6.5.1",
            as: .post(absent: ["Authorization", "Cookie", "X-Forwarded-For-X", "Content-Encoding", "Range", "TE"]),
            laxBecause: "no trailer is passed on, so that these can't take effect",
            [
                "Authorization": with("Authorization: Bearer x"), "Cookie": with("Cookie: a=b"),
                "Content-Encoding": with("Content-Encoding: gzip"), "Range": with("Range: bytes=0-"),
                "TE": with("TE: trailers"),
            ]
        )
        table.refuse(
            "RFC 9110 6.5.1",
            [
                "Content-Length": with("Content-Length: 5"), "content-length": with("content-length: 5"),
                "Transfer-Encoding": with("Transfer-Encoding: chunked"), "Host": with("Host: b"),
                "HOST": with("HOST: b"), "Connection": with("Connection: close"), "Upgrade": with("Upgrade: h2c"),
                "Content-Length behind another": with("X: 1\r\nContent-Length: 5"),
                "Transfer-Encoding without space": with("Transfer-Encoding:identity"),
            ]
        )
        table.refuse(
            "RFC 9112 7.1.2",
            [
                "no colon": with("X"), "no name": with(": 1"), "space before the colon": with("X : 1"),
                "tab before the colon": with("X\t: 1"), "space before the name": with(" X: 1"),
                "folded": with("X: 1\r\n 2"), "folded with tab": with("X: 1\r\n\t2"), "LF": with("X: 1\nY: 2"),
                "CR": with("X: 1\rY: 2"), "CR at the end": with("X: 1\r"), "space in the name": with("X Y: 1"),
                "obs-text in the name": with("X\u{E9}: 1"),
                "17 kB": with("X: \(many("a", 17_000))"),
                "many, 20 kB together": with(
                    Array(repeating: "X: \(many("a", 95))", count: 205).joined(separator: "\r\n")
                ),
                "a request": with("GET /smuggled HTTP/1.1\r\nHost: a"),
            ]
        )
        table.refuse("RFC 9110 5.5", each: [Variation].controlCharacters, "in a value") { with("X: a" + $0) }
        table.refuse("RFC 9110 5.1", each: [Variation].controlCharacters, "in a name") { with("X" + $0 + ": a") }
        table.refuse("RFC 9110 5.1", each: [Variation].delimiters.filter { $0.text != ":" }, "in a name") {
            with("X" + $0 + ": a")
        }
        return table
    }
}
