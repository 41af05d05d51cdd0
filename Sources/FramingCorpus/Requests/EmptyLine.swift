extension RequestTable {
    static var emptyLine: RequestTable {
        var table = RequestTable("empty line before a request")
        table.pass(
            "RFC 9112 2.2",
            as: .get(),
            laxBecause: "old clients send one behind a body; up to four, which end with CRLF and mean nothing",
            [
                "one": "\r\n\(Wire.get())", "two": "\r\n\r\n\(Wire.get())", "four": "\r\n\r\n\r\n\r\n\(Wire.get())",
            ]
        )
        table.refuse(
            "RFC 9112 2.2",
            [
                "five": "\(many("\r\n", 5))\(Wire.get())",
                "a thousand": "\(many("\r\n", 1000))\(Wire.get())",
                "LF": "\n\(Wire.get())", "CR": "\r\(Wire.get())", "CR CR LF": "\r\r\n\(Wire.get())",
                "LF CR": "\n\r\(Wire.get())",
                "space": " \r\n\(Wire.get())", "tab": "\t\r\n\(Wire.get())", "NUL": "\0\r\n\(Wire.get())",
                "form feed": "\u{C}\r\n\(Wire.get())", "CRLF and LF": "\r\n\n\(Wire.get())",
                "CRLF and space": "\r\n \(Wire.get())",
            ]
        )
        return table
    }
}
