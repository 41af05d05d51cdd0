extension RequestTable {
    static var chunkEnd: RequestTable {
        var table = RequestTable("chunk end")
        let last = "0\r\n\r\n"
        table.refuse(
            "RFC 9112 7.1",
            [
                "size too small": Wire.chunked("4\r\nhello\r\n\(last)"),
                "size too large": Wire.chunked("6\r\nhello\r\n\(last)"),
                "size one too large": Wire.chunked("7\r\nhello\r\n\(last)"),
                "no line end behind data": Wire.chunked("5\r\nhello\(last)"),
                "LF behind data": Wire.chunked("5\r\nhello\n\(last)"),
                "CR behind data": Wire.chunked("5\r\nhello\r\(last)"),
                "two line ends behind data": Wire.chunked("5\r\nhello\r\n\r\n\(last)"),
                "two CR behind data": Wire.chunked("5\r\nhello\r\r\n\(last)"),
                "LF CR behind data": Wire.chunked("5\r\nhello\n\r\(last)"),
                "LF behind the size": Wire.chunked("5\nhello\r\n\(last)"),
                "CR behind the size": Wire.chunked("5\rhello\r\n\(last)"),
                "two CR behind the size": Wire.chunked("5\r\r\nhello\r\n\(last)"),
                "LF behind the last size": Wire.chunked("5\r\nhello\r\n0\n\r\n"),
                "CR behind the last size": Wire.chunked("5\r\nhello\r\n0\r\r\n"),
                "LF at the end": Wire.chunked("5\r\nhello\r\n0\r\n\n"),
                "CR at the end": Wire.chunked("5\r\nhello\r\n0\r\n\r"),
                "two CR at the end": Wire.chunked("5\r\nhello\r\n0\r\n\r\r\n"),
                "no end": Wire.chunked("5\r\nhello\r\n0\r\n"),
                "data behind a size of zero": Wire.chunked("0\r\nhello\r\n0\r\n\r\n"),
                "a length for chunks": Wire.chunked("hello"),
                "a request for chunks": Wire.chunked("GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n"),
            ]
        )
        table.refuse("RFC 9112 7.1", each: [Variation].controlCharacters, "instead of CR") {
            Wire.chunked("5\r\nhello" + $0 + "\n\(last)")
        }
        table.refuse("RFC 9112 7.1", each: [Variation].controlCharacters, "instead of LF") {
            Wire.chunked("5\r\nhello\r" + $0 + last)
        }
        return table
    }
}
