extension RequestTable {
    static var transferEncoding: RequestTable {
        var table = RequestTable("Transfer-Encoding")
        let chunks = "5\r\nhello\r\n0\r\n\r\n"
        func coding(_ line: String) -> String { Wire.post(line, body: chunks) }
        let decoded = PassedRequest.post(absent: ["Transfer-Encoding"])
        table.pass(
            "RFC 9112 7",
            as: decoded,
            [
                "chunked": coding("Transfer-Encoding: chunked"),
                "Chunked": coding("Transfer-Encoding: Chunked"),
                "CHUNKED": coding("TRANSFER-ENCODING: CHUNKED"),
                "without space": coding("Transfer-Encoding:chunked"),
                "with spaces": coding("Transfer-Encoding:   chunked  "),
                "beside TE": Wire.post("TE: chunked", "Transfer-Encoding: chunked", body: chunks),
            ]
        )
        table.pass(
            "RFC 9110 5.1",
            as: .post("", present: ["Transfer_Encoding: chunked"]),
            ["underscore": Wire.post("Transfer_Encoding: chunked", "Content-Length: 0", body: "")]
        )
        table.pass(
            "RFC 9110 5.1",
            as: .post("hello", absent: ["TE"]),
            ["TE means something else": Wire.post("TE: chunked", "Content-Length: 5")]
        )
        table.refuse(
            "RFC 9112 6.1",
            status: 501,
            [
                "identity": coding("Transfer-Encoding: identity"),
                "gzip": coding("Transfer-Encoding: gzip"),
                "deflate": coding("Transfer-Encoding: deflate"),
                "gzip, chunked": coding("Transfer-Encoding: gzip, chunked"),
                "chunked, gzip": coding("Transfer-Encoding: chunked, gzip"),
                "chunked, chunked": coding("Transfer-Encoding: chunked, chunked"),
                "chunked,chunked": coding("Transfer-Encoding: chunked,chunked"),
                "chunked, identity": coding("Transfer-Encoding: chunked, identity"),
                "identity, chunked": coding("Transfer-Encoding: identity, chunked"),
                "trailing comma": coding("Transfer-Encoding: chunked,"),
                "leading comma": coding("Transfer-Encoding: ,chunked"),
                "only a comma": coding("Transfer-Encoding: ,"),
                "two words": coding("Transfer-Encoding: chunked chunked"),
                "word before": coding("Transfer-Encoding: x chunked"),
                "xchunked": coding("Transfer-Encoding: xchunked"),
                "chunkedx": coding("Transfer-Encoding: chunkedx"),
                "chunk": coding("Transfer-Encoding: chunk"),
                "empty": coding("Transfer-Encoding:"),
                "folded": coding("Transfer-Encoding:\r\n chunked"),
                "folded with tab": coding("Transfer-Encoding:\r\n\tchunked"),
                "quoted": coding("Transfer-Encoding: \"chunked\""),
                "single quotes": coding("Transfer-Encoding: 'chunked'"),
                "parameter": coding("Transfer-Encoding: chunked;q=1"),
                "empty parameter": coding("Transfer-Encoding: chunked;"),
                "colon": coding("Transfer-Encoding: : chunked"),
                "equals": coding("Transfer-Encoding: =chunked"),
                "no-break space": coding("Transfer-Encoding: \u{A0}chunked"),
                "next line": coding("Transfer-Encoding: \u{85}chunked"),
                "byte order mark": coding("Transfer-Encoding: \u{EF}\u{BB}\u{BF}chunked"),
                "0xff behind": coding("Transfer-Encoding: chunked\u{FF}"),
                "long s": coding("Transfer-Encoding: chun\u{E2}\u{84}\u{AA}ed"),
                "first line unknown": Wire.post(
                    "Transfer-Encoding: identity",
                    "Transfer-Encoding: chunked",
                    body: chunks
                ),
            ]
        )
        table.refuse(
            "RFC 9112 6.1",
            [
                "two lines": Wire.post("Transfer-Encoding: chunked", "Transfer-Encoding: chunked", body: chunks),
                "second identity": Wire.post("Transfer-Encoding: chunked", "Transfer-Encoding: identity", body: chunks),
                "second empty": Wire.post("Transfer-Encoding: chunked", "Transfer-Encoding:", body: chunks),
                "two lines, other letters": Wire.post(
                    "Transfer-Encoding: chunked",
                    "transfer-encoding: Chunked",
                    body: chunks
                ),
                "HTTP/1.0": Wire.head(
                    "POST /completion HTTP/1.0",
                    ["Host: a", "Transfer-Encoding: chunked"],
                    body: chunks
                ),
                "HTTP/1.0 that keeps alive": Wire.head(
                    "POST /completion HTTP/1.0",
                    ["Host: a", "Connection: keep-alive", "Transfer-Encoding: chunked"],
                    body: chunks
                ),
            ]
        )
        table.refuse(
            "RFC 9110 5.6.3",
            [
                "tab before": coding("Transfer-Encoding:\tchunked"),
                "tab behind": coding("Transfer-Encoding: chunked\t"),
                "tab and space": coding("Transfer-Encoding: \tchunked"),
            ]
        )
        table.refuse(
            "RFC 9112 5.2",
            [
                "folded list": coding("Transfer-Encoding: chunked\r\n , identity"),
                "within the fold of another": coding("X: y\r\n Transfer-Encoding: chunked"),
            ]
        )
        table.refuse(
            "RFC 9112 5.1",
            [
                "space before the colon": coding("Transfer-Encoding : chunked"),
                "tab before the colon": coding("Transfer-Encoding\t: chunked"),
            ]
        )
        table.refuse(
            "RFC 9112 5",
            [
                "name and value on two lines": coding("Transfer-Encoding\r\n: chunked"),
                "space before the name": coding(" Transfer-Encoding: chunked"),
                "semicolon for a colon": coding("Transfer-Encoding; chunked"),
                "slash in the name": coding("Transfer/Encoding: chunked"),
                "space in the name": coding("Transfer Encoding: chunked"),
            ]
        )
        table.refuse("RFC 9110 5.5", each: [Variation].controlCharacters, "before the coding") {
            coding("Transfer-Encoding: " + $0 + "chunked")
        }
        table.refuse("RFC 9110 5.5", each: [Variation].controlCharacters, "behind the coding") {
            coding("Transfer-Encoding: chunked" + $0)
        }
        table.refuse("RFC 9110 5.1", each: [Variation].controlCharacters, "behind the name") {
            coding("Transfer-Encoding" + $0 + ": chunked")
        }
        return table
    }
}
