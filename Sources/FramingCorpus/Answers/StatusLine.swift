extension AnswerTable {
    static var statusLine: AnswerTable {
        var table = AnswerTable("status line")
        func line(_ line: String) -> String { Wire.head(line, ["Content-Length: 5"], body: "hello") }
        table.relay(
            "RFC 9112 4",
            body: "hello",
            [
                "plain": line("HTTP/1.1 200 OK"), "no reason": line("HTTP/1.1 200 "), "no space": line("HTTP/1.1 200"),
                "tab in the reason": line("HTTP/1.1 200 a\tb"),
                "obs-text in the reason": line("HTTP/1.1 200 \u{C3}\u{A9}"),
            ]
        )
        table.relay("RFC 9110 15", 599, body: "hello", ["599": line("HTTP/1.1 599 X")])
        table.relay("RFC 9110 15", 999, body: "hello", ["999": line("HTTP/1.1 999 X")])
        table.refuse(
            "RFC 9112 4",
            [
                "two digits": line("HTTP/1.1 20 OK"), "four digits": line("HTTP/1.1 2000 OK"),
                "no digits": line("HTTP/1.1 OK"),
                "letters": line("HTTP/1.1 abc OK"), "below 100": line("HTTP/1.1 099 OK"),
                "000": line("HTTP/1.1 000 OK"),
                "plus": line("HTTP/1.1 +20 OK"), "minus": line("HTTP/1.1 -20 OK"),
                "two spaces": line("HTTP/1.1  200 OK"),
                "tab": line("HTTP/1.1\t200 OK"), "text behind the digits": line("HTTP/1.1 200OK"),
                "space before": line(" HTTP/1.1 200 OK"), "empty line before": "\r\n\(line("HTTP/1.1 200 OK"))",
                "lower case": line("http/1.1 200 OK"), "2.0": line("HTTP/2.0 200 OK"), "1.2": line("HTTP/1.2 200 OK"),
                "0.9": "hello\r\n",
                "ICY": line("ICY 200 OK"), "a request": Wire.get(), "TLS": "\u{15}\u{3}\u{3}\0\u{2}\u{2}\u{A}",
                "HTML": "<html>\r\n</html>\r\n", "empty line": "\r\n\r\n",
            ]
        )
        table.refuse(
            "RFC 9112 4",
            closes: true,
            ["half": "HTTP/1.1 200", "a letter": "H", "a head without its end": "HTTP/1.1 200 OK\r\nX: y\r\n"]
        )
        table.refuse("RFC 9110 5.5", each: [Variation].controlCharacters, "in the reason") {
            line("HTTP/1.1 200 O" + $0)
        }
        return table
    }
}
