extension RequestTable {
    static var foldedField: RequestTable {
        var table = RequestTable("folded field")
        table.refuse(
            "RFC 9112 5.2",
            [
                "space": Wire.get("X: y\r\n z"), "tab": Wire.get("X: y\r\n\tz"), "spaces": Wire.get("X: y\r\n    z"),
                "empty fold": Wire.get("X: y\r\n "), "empty fold with tab": Wire.get("X: y\r\n\t"),
                "two": Wire.get("X: y\r\n z\r\n z"), "looks like a field": Wire.get("X: y\r\n Content-Length: 5"),
                "of Host": Wire.head("GET /props HTTP/1.1", ["Host: a\r\n b"]),
                "of an empty Host": Wire.head("GET /props HTTP/1.1", ["Host:\r\n a"]),
                "of Content-Length": Wire.post("Content-Length:\r\n 5"),
                "of Content-Length's digits": Wire.post("Content-Length: 0\r\n 5"),
                "of Connection": Wire.get("Connection: close,\r\n x"),
                "behind Content-Length": Wire.post("Content-Length: 5\r\n "),
                "hides Content-Length": Wire.post("X: y\r\n\tContent-Length: 5"),
            ]
        )
        table.refuse(
            "RFC 9112 2.2",
            [
                "space before the first field": Wire.head("GET /props HTTP/1.1", [" Host: a"]),
                "tab before the first field": Wire.head("GET /props HTTP/1.1", ["\tHost: a"]),
                "a line of one space first": Wire.head("GET /props HTTP/1.1", [" ", "Host: a"]),
                "a line of one tab first": Wire.head("GET /props HTTP/1.1", ["\t", "Host: a"]),
                "hidden Host first": Wire.head("GET /props HTTP/1.1", [" Host: b", "Host: a"]),
                "hidden Content-Length first": Wire.head(
                    "POST /completion HTTP/1.1",
                    [" Content-Length: 5", "Host: a"],
                    body: "hello"
                ),
                "a folded request line": Wire.head("GET /props\r\n HTTP/1.1", ["Host: a"]),
            ]
        )
        return table
    }
}
