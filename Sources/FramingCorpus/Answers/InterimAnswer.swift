extension AnswerTable {
    static var interimAnswer: AnswerTable {
        var table = AnswerTable("interim answer")
        let final = Wire.head("HTTP/1.1 200 OK", ["Content-Length: 5"], body: "hello")
        table.relay(
            "RFC 9110 15.2",
            body: "hello",
            [
                "100": "HTTP/1.1 100 Continue\r\n\r\n\(final)",
                "102": "HTTP/1.1 102 Processing\r\nX: y\r\n\r\n\(final)",
                "103": "HTTP/1.1 103 Early Hints\r\nLink: <a>\r\n\r\n\(final)",
                "three": "\(many("HTTP/1.1 100 Continue\r\n\r\n", 3))\(final)",
                "length of zero": "HTTP/1.1 100 Continue\r\nContent-Length: 0\r\n\r\n\(final)",
            ]
        )
        table.refuse(
            "RFC 9110 15.2",
            [
                "101": "HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n",
                "101 and an answer": "HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n\r\n\(final)",
                "a body": "HTTP/1.1 100 Continue\r\nContent-Length: 5\r\n\r\nhello\(final)",
                "LF behind": "HTTP/1.1 100 Continue\r\n\n\(final)",
                "garbage behind": "HTTP/1.1 100 Continue\r\n\r\ngarbage\r\n\(final)",
            ]
        )
        table.refuse(
            "RFC 9110 15.2",
            closes: true,
            [
                "nothing behind": "HTTP/1.1 100 Continue\r\n\r\n",
                "half a head behind": "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200",
            ]
        )
        return table
    }
}
