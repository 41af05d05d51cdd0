extension RequestTable {
    /// RFC 9112 2.2 lets a recipient take a bare LF for a line's end; where not all do, one sees a request that the other
    /// doesn't.
    static var lineEnd: RequestTable {
        var table = RequestTable("line end")
        let requests: [(name: String, text: String)] = [
            ("GET", Wire.get("X: y")),
            ("POST", Wire.head("POST /completion HTTP/1.1", ["Host: a", "X: y", "Content-Length: 5"])),
            ("chunks", Wire.chunked("5\r\nhello\r\n0\r\nX: y\r\n\r\n")),
        ]
        let ends: [(name: String, text: String)] = [
            ("LF", "\n"), ("CR", "\r"), ("CR CR LF", "\r\r\n"), ("LF CR", "\n\r"), ("LF LF", "\n\n"), ("CR CR", "\r\r"),
            ("VT", "\u{B}"), ("NEL", "\u{85}"), ("NUL CR LF", "\0\r\n"), ("CR NUL LF", "\r\0\n"),
        ]
        for request in requests {
            for end in ends where end.name != "NEL" || request.name != "POST" {
                for (line, text) in Wire.replacingLineEnds(of: request.text, with: end.text) {
                    // A byte beyond ASCII is part of a value, which then goes on in the next line: another case.
                    guard end.name != "NEL" || !isWithinValue(line, of: request.name) else { continue }
                    let rest = request.name == "POST" ? "hello" : ""
                    table.refuse("RFC 9112 2.2", ["\(end.name) for end \(line) of \(request.name)": text + rest])
                }
            }
        }
        return table
    }

    /// Of the requests above: whether the line is one of `Host`, `X` or `Transfer-Encoding`.
    private static func isWithinValue(_ line: Int, of request: String) -> Bool {
        line == 2 || line == 3 || line == 8
    }
}
