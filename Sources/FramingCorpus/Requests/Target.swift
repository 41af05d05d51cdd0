extension RequestTable {
    /// What a target means is its server's business: it is passed on byte for byte, RFC 9110 7.7.
    static var target: RequestTable {
        var table = RequestTable("target")
        let targets = [
            "/", "//", "///props", "/a//b", "/.", "/..", "/../..", "/a/../b", "/./a", "/a/.", "/%2e", "/%2e%2e/a",
            "/%2E%2E%2fa",
            "/..%2f", "/..%5c", "/%252e%252e", "/a%00b", "/%0d%0aX:%20y", "/%0a", "/%20", "/%", "/%z", "/%zz",
            "/%u002e", "/a;b",
            "/a;/../b", "/a?b", "/?", "/??", "/a?b=../..", "/a?b=http://b/", "/a?b+c", "/:80", "/@b", "/a@b:80",
            "/http://b/", "//b/a", "/*", "/a:b", "/~a", "/a&b", "/a=b", "/a,b", "/(a)", "/!$'", "/slots%2f..",
            "/props/", "/PROPS",
        ]
        for target in targets {
            table.pass("RFC 9110 7.7", target, Wire.request("GET \(target) HTTP/1.1"), as: .get(target))
        }
        // RFC 3986 has no such characters in a path or a query; clients send them, and they separate nothing in HTTP.
        for target in ["/\\", "/\\..\\a", "/a|b", "/{a}", "/[a]", "/a\"b", "/<a>", "/a^b", "/a`b", "/a?\"{}|\\^`<>"] {
            table.pass("RFC 9112 3.2", target, Wire.request("GET \(target) HTTP/1.1"), as: .get(target))
        }
        table.pass(
            "RFC 9112 3",
            "8000 characters",
            Wire.request("GET /\(many("a", 8000)) HTTP/1.1"),
            as: .get("/\(many("a", 8000))")
        )
        table.refuse(
            "RFC 9112 3.2",
            [
                "fragment": Wire.request("GET /props#a HTTP/1.1"), "only a fragment": Wire.request("GET # HTTP/1.1"),
                "fragment of a query": Wire.request("GET /props?a#b HTTP/1.1"),
                "no slash": Wire.request("GET props HTTP/1.1"),
                "dots without slash": Wire.request("GET ../props HTTP/1.1"),
                "backslash first": Wire.request("GET \\props HTTP/1.1"), "query first": Wire.request("GET ?a HTTP/1.1"),
                "percent first": Wire.request("GET %2fprops HTTP/1.1"),
                "two spaces behind": Wire.request("GET /props  HTTP/1.1"),
                "tab behind": Wire.request("GET /props\tHTTP/1.1"), "space within": Wire.request("GET /a b HTTP/1.1"),
                "tab within": Wire.request("GET /a\tb HTTP/1.1"),
                "a whole request within": Wire.request("GET /a HTTP/1.1 HTTP/1.1"),
                "empty": Wire.request("GET  HTTP/1.1"),
            ]
        )
        table.refuse(
            "RFC 9112 2.2",
            ["CR within": Wire.request("GET /a\rb HTTP/1.1"), "LF within": Wire.request("GET /a\nb HTTP/1.1")]
        )
        table.refuse(
            "RFC 9112 3",
            status: 414,
            [
                "70 kB": Wire.request("GET /\(many("a", 70_000)) HTTP/1.1"),
                "70 kB of a query": Wire.request("GET /?\(many("a", 70_000)) HTTP/1.1"),
            ]
        )
        table.refuse("RFC 9112 3.2", each: [Variation].controlCharacters, "at its start") {
            Wire.request("GET " + $0 + "/props HTTP/1.1")
        }
        table.refuse("RFC 9112 3.2", each: [Variation].controlCharacters, "within") {
            Wire.request("GET /a" + $0 + "b HTTP/1.1")
        }
        table.refuse("RFC 9112 3.2", each: [Variation].controlCharacters, "at its end") {
            Wire.request("GET /props" + $0 + " HTTP/1.1")
        }
        table.refuse("RFC 9112 3.2", each: [Variation].beyondASCII, "in the path") {
            Wire.request("GET /a" + $0 + " HTTP/1.1")
        }
        table.refuse("RFC 9112 3.2", each: [Variation].beyondASCII, "in the query") {
            Wire.request("GET /a?b" + $0 + " HTTP/1.1")
        }
        return table
    }
}
