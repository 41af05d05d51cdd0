extension RequestTable {
    static var method: RequestTable {
        var table = RequestTable("method")
        let tokens = [
            "GET", "DELETE", "PATCH", "TRACE", "OPTIONS", "PROPFIND", "get", "Get", "M-SEARCH", "!#$%&'*+-.^_`|~", "X",
            "GETX", String(repeating: "X", count: 100),
        ]
        for token in tokens {
            table.pass(
                "RFC 9110 9.1",
                token.count > 20 ? "a hundred letters" : token,
                Wire.request("\(token) /method HTTP/1.1"),
                as: PassedRequest(startLine: "\(token) /method HTTP/1.1")
            )
        }
        table.pass(
            "RFC 9110 9.1",
            "post is not POST",
            Wire.head("post /completion HTTP/1.1", ["Host: a", "Content-Length: 5"], body: "hello"),
            as: PassedRequest(startLine: "post /completion HTTP/1.1", body: "hello")
        )
        table.refuse(
            "RFC 9112 3",
            [
                "empty": Wire.request(" /props HTTP/1.1"), "tab behind": Wire.request("GET\t/props HTTP/1.1"),
                "two spaces behind": Wire.request("GET  /props HTTP/1.1"),
                "space before": Wire.request(" GET /props HTTP/1.1"),
                "tab before": Wire.request("\tGET /props HTTP/1.1"),
                "colon behind": Wire.request("GET: /props HTTP/1.1"),
                "two words": Wire.request("GET GET /props HTTP/1.1"),
                "no-break space": Wire.request("GET\u{A0}/props HTTP/1.1"),
                "only a method": Wire.request("GET"), "method and space": Wire.request("GET "),
            ]
        )
        table.refuse("RFC 9110 9.1", each: [Variation].delimiters, "with") {
            Wire.request("GE" + $0 + "T /props HTTP/1.1")
        }
        table.refuse("RFC 9110 9.1", each: [Variation].controlCharacters, "before") {
            Wire.request($0 + "GET /props HTTP/1.1")
        }
        table.refuse("RFC 9110 9.1", each: [Variation].controlCharacters, "behind") {
            Wire.request("GET" + $0 + " /props HTTP/1.1")
        }
        table.refuse("RFC 9110 9.1", each: [Variation].controlCharacters, "instead of the space behind") {
            Wire.request("GET" + $0 + "/props HTTP/1.1")
        }
        table.refuse("RFC 9110 9.1", each: [Variation].beyondASCII, "with") {
            Wire.request("GE" + $0 + "T /props HTTP/1.1")
        }
        return table
    }
}
