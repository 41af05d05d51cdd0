extension RequestTable {
    /// The balancer asks for the body itself, and its upstream hears nothing of it: RFC 9110 10.1.1.
    static var expectation: RequestTable {
        var table = RequestTable("Expect")
        table.pass(
            "RFC 9110 10.1.1",
            as: .post(absent: ["Expect"]),
            [
                "100-continue": Wire.post("Expect: 100-continue", "Content-Length: 5"),
                "100-Continue": Wire.post("Expect: 100-Continue", "Content-Length: 5"),
                "twice": Wire.post("Expect: 100-continue", "Expect: 100-continue", "Content-Length: 5"),
                "of chunks": Wire.post(
                    "Expect: 100-continue",
                    "Transfer-Encoding: chunked",
                    body: "5\r\nhello\r\n0\r\n\r\n"
                ),
                "something else": Wire.post("Expect: 200-ok", "Content-Length: 5"),
                "empty": Wire.post("Expect:", "Content-Length: 5"),
            ]
        )
        table.pass(
            "RFC 9110 10.1.1",
            as: .get(absent: ["Expect"]),
            ["without content": Wire.get("Expect: 100-continue")]
        )
        return table
    }
}
