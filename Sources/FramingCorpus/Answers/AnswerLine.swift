extension AnswerTable {
    /// Response splitting: text that a server let into its head.
    static var answerLine: AnswerTable {
        var table = AnswerTable("answer's lines")
        func field(_ line: String) -> String {
            Wire.head("HTTP/1.1 200 OK", [line, "Content-Length: 5"], body: "hello")
        }
        let smuggled = "HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\nsmuggled"
        table.relay(
            "RFC 9110 5.5",
            body: "hello",
            [
                "tab": field("X: a\tb"), "obs-text": field("X: \u{C3}\u{A9}"), "empty": field("X:"),
                "looks like an end": field("X: \\r\\n\\r\\n"),
            ]
        )
        table.refuse(
            "RFC 9112 2.2",
            [
                "LF": field("X: a\nY: b"), "CR": field("X: a\rY: b"),
                "two LF and an answer": field("X: a\n\n\(smuggled)"),
                "two CR and an answer": field("X: a\r\r\(smuggled)"), "CR CR LF": field("X: a\r"),
                "LF only": "HTTP/1.1 200 OK\nContent-Length: 5\n\nhello",
                "CR only": "HTTP/1.1 200 OK\rContent-Length: 5\r\rhello",
            ]
        )
        table.refuse(
            "RFC 9112 5",
            [
                "folded": field("X: a\r\n b"), "folded first": field(" X: a"),
                "folded length": Wire.head("HTTP/1.1 200 OK", ["Content-Length:\r\n 5"], body: "hello"),
                "space before the colon": field("X : a"), "no colon": field("X"), "no name": field(": a"),
                "space in the name": field("X Y: a"),
                "a status line": field("HTTP/1.1 200 OK"),
            ]
        )
        table.refuse(
            "RFC 9110 5.4",
            [
                "70 kB": field("X: \(many("y", 70_000))"),
                "300 lines": field(Array(repeating: "X: y", count: 300).joined(separator: "\r\n")),
            ]
        )
        table.refuse("RFC 9110 5.5", each: [Variation].controlCharacters, "in a value") { field("X: a" + $0 + "b") }
        table.refuse("RFC 9110 5.1", each: [Variation].controlCharacters, "in a name") { field("X" + $0 + ": b") }
        return table
    }
}
