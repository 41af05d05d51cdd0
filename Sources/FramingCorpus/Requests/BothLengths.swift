extension RequestTable {
    static var bothLengths: RequestTable {
        var table = RequestTable("both lengths")
        let chunks = "0\r\n\r\n"
        table.refuse(
            "RFC 9112 6.3",
            [
                "length first": Wire.post("Content-Length: 5", "Transfer-Encoding: chunked", body: chunks),
                "coding first": Wire.post("Transfer-Encoding: chunked", "Content-Length: 5", body: chunks),
                "apart": Wire.post("Transfer-Encoding: chunked", "X: y", "Content-Length: 5", body: chunks),
                "length zero": Wire.post("Content-Length: 0", "Transfer-Encoding: chunked", body: chunks),
                "length too small": Wire.post("Content-Length: 4", "Transfer-Encoding: chunked", body: chunks),
                "length too large": Wire.post("Content-Length: 50", "Transfer-Encoding: chunked", body: chunks),
                "in capitals": Wire.post("CONTENT-LENGTH: 5", "TRANSFER-ENCODING: CHUNKED", body: chunks),
                "two codings": Wire.post(
                    "Content-Length: 5",
                    "Transfer-Encoding: chunked",
                    "Transfer-Encoding: chunked",
                    body: chunks
                ),
                "two lengths": Wire.post(
                    "Content-Length: 5",
                    "Content-Length: 5",
                    "Transfer-Encoding: chunked",
                    body: chunks
                ),
                "length that is none": Wire.post("Transfer-Encoding: chunked", "Content-Length: x", body: chunks),
                "named in Connection": Wire.post(
                    "Connection: content-length",
                    "Content-Length: 5",
                    "Transfer-Encoding: chunked",
                    body: chunks
                ),
                "coding named in Connection": Wire.post(
                    "Connection: transfer-encoding",
                    "Content-Length: 5",
                    "Transfer-Encoding: chunked",
                    body: chunks
                ),
                "of a GET": "\(Wire.get("Content-Length: 5", "Transfer-Encoding: chunked"))\(chunks)",
            ]
        )
        table.refuse(
            "RFC 9112 6.1",
            status: 501,
            [
                "identity": Wire.post("Content-Length: 5", "Transfer-Encoding: identity"),
                "xchunked": Wire.post("Content-Length: 5", "Transfer-Encoding: xchunked"),
                "gzip": Wire.post("Transfer-Encoding: gzip", "Content-Length: 5"),
                "empty coding": Wire.post("Content-Length: 5", "Transfer-Encoding:"),
                "quoted": Wire.post("Content-Length: 5", "Transfer-Encoding: \"chunked\""),
                "parameter": Wire.post("Content-Length: 5", "Transfer-Encoding: chunked;a=b"),
                "list": Wire.post("Content-Length: 5", "Transfer-Encoding: identity, chunked"),
            ]
        )
        table.refuse(
            "RFC 9112 5.1",
            [
                "space before the coding's colon": Wire.post("Content-Length: 5", "Transfer-Encoding : chunked"),
                "space before the length's colon": Wire.post(
                    "Transfer-Encoding: chunked",
                    "Content-Length : 5",
                    body: chunks
                ),
            ]
        )
        table.refuse(
            "RFC 9112 6.1",
            [
                "HTTP/1.0": "POST /completion HTTP/1.0\r\nHost: a\r\nContent-Length: 5\r\n"
                    + "Transfer-Encoding: chunked\r\n\r\n\(chunks)"
            ]
        )
        return table
    }
}
