extension RequestTable {
    /// Whether there is a body is said by the fields and never by the method, RFC 9112 6.
    static var bodyOfMethod: RequestTable {
        var table = RequestTable("body of")
        for method in ["GET", "HEAD", "DELETE", "OPTIONS", "TRACE", "PUT", "PATCH", "PROPFIND", "POST"] {
            let passed = PassedRequest(
                startLine: "\(method) /body HTTP/1.1",
                body: "hello",
                absent: ["Transfer-Encoding"]
            )
            let line = "\(method) /body HTTP/1.1"
            table.pass(
                "RFC 9112 6",
                "\(method), a length",
                Wire.head(line, ["Host: a", "Content-Length: 5"], body: "hello"),
                as: passed
            )
            table.pass(
                "RFC 9112 6",
                "\(method), chunks",
                Wire.head(line, ["Host: a", "Transfer-Encoding: chunked"], body: "5\r\nhello\r\n0\r\n\r\n"),
                as: passed
            )
            var empty = passed
            empty.body = ""
            table.pass("RFC 9112 6.3", "\(method), none", Wire.head(line, ["Host: a"]), as: empty)
            let smuggled = "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n"
            var inside = passed
            inside.body = smuggled
            table.pass(
                "RFC 9112 6",
                "\(method), a request in it",
                Wire.head(line, ["Host: a", "Content-Length: \(smuggled.utf8.count)"], body: smuggled),
                as: inside
            )
        }
        return table
    }
}
