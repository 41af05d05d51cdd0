extension RequestTable {
    static var host: RequestTable {
        var table = RequestTable("Host")
        let hosts = [
            "a", "A.EXAMPLE", "a.example:8080", "a:80", "a:", "a.", "127.0.0.1", "127.0.0.1:80", "[::1]", "[::1]:80",
            "a_b", "-a", "a..b",
            "%41", "a:99999", "0", "[v1.a]", "a!$&'()*+;=b", "",
        ]
        for host in hosts {
            table.pass(
                "RFC 9112 3.2",
                host.isEmpty ? "empty" : host,
                Wire.request("GET /props HTTP/1.1", host: host),
                as: .get(host: host)
            )
        }
        table.pass("RFC 9112 5.1", "spaces around", Wire.head("GET /props HTTP/1.1", ["Host:   a  "]), as: .get())
        table.pass("RFC 9112 5.1", "no space", Wire.head("GET /props HTTP/1.1", ["Host:a"]), as: .get())
        table.pass("RFC 9110 5.1", "in capitals", Wire.head("GET /props HTTP/1.1", ["HOST: a"]), as: .get())
        table.pass(
            "RFC 9110 5.3",
            "last",
            Wire.head("GET /props HTTP/1.1", ["X: y", "Host: a"]),
            as: .get(present: ["X: y"])
        )
        table.pass("RFC 9110 5.1", "beside another name", Wire.get("X-Host: b"), as: .get(present: ["X-Host: b"]))
        table.refuse(
            "RFC 9112 3.2",
            [
                "none": Wire.request("GET /props HTTP/1.1", host: nil),
                "none of a POST": Wire.head("POST /completion HTTP/1.1", ["Content-Length: 5"], body: "hello"),
                "equal lines": Wire.get("Host: a"), "different lines": Wire.get("Host: b"),
                "equal lines, other letters": Wire.get("host: A"),
                "apart": Wire.get("X: y", "Host: b"), "second empty": Wire.get("Host:"),
                "first empty": Wire.head("GET /props HTTP/1.1", ["Host:", "Host: a"]),
                "three": Wire.get("Host: a", "Host: a"),
                "two in HTTP/1.0": Wire.head("GET /props HTTP/1.0", ["Host: a", "Host: b"]),
                "bad in HTTP/1.0": Wire.head("GET /props HTTP/1.0", ["Host: a b"]),
                "list": Wire.request("GET /props HTTP/1.1", host: "a, b"),
                "list without spaces": Wire.request("GET /props HTTP/1.1", host: "a,b/"),
                "two words": Wire.request("GET /props HTTP/1.1", host: "a b"),
                "tab within": Wire.request("GET /props HTTP/1.1", host: "a\tb"),
                "path": Wire.request("GET /props HTTP/1.1", host: "a/b"),
                "slash": Wire.request("GET /props HTTP/1.1", host: "a/"),
                "URI": Wire.request("GET /props HTTP/1.1", host: "http://a"),
                "user": Wire.request("GET /props HTTP/1.1", host: "u@a"),
                "query": Wire.request("GET /props HTTP/1.1", host: "a?b"),
                "fragment": Wire.request("GET /props HTTP/1.1", host: "a#b"),
                "backslash": Wire.request("GET /props HTTP/1.1", host: "a\\b"),
                "quoted": Wire.request("GET /props HTTP/1.1", host: "\"a\""),
                "angle brackets": Wire.request("GET /props HTTP/1.1", host: "<a>"),
                "braces": Wire.request("GET /props HTTP/1.1", host: "${a}"),
                "only a port": Wire.request("GET /props HTTP/1.1", host: ":80"),
                "port that is none": Wire.request("GET /props HTTP/1.1", host: "a:x"),
                "two ports": Wire.request("GET /props HTTP/1.1", host: "a:80:80"),
                "negative port": Wire.request("GET /props HTTP/1.1", host: "a:-1"),
                "space before the port": Wire.request("GET /props HTTP/1.1", host: "a :80"),
                "IPv6 without brackets": Wire.request("GET /props HTTP/1.1", host: "::1"),
                "IPv6 without end": Wire.request("GET /props HTTP/1.1", host: "[::1"),
                "IPv6 and text": Wire.request("GET /props HTTP/1.1", host: "[::1]a"),
                "IPv6 and path": Wire.request("GET /props HTTP/1.1", host: "[::1]/a"),
                "empty brackets": Wire.request("GET /props HTTP/1.1", host: "[]"),
                "percent": Wire.request("GET /props HTTP/1.1", host: "%"),
                "percent and one digit": Wire.request("GET /props HTTP/1.1", host: "a%4"),
                "percent and no digits": Wire.request("GET /props HTTP/1.1", host: "a%zz"),
                "template": Wire.request("GET /props HTTP/1.1", host: "{{a}}"),
                "pipe": Wire.request("GET /props HTTP/1.1", host: "a|b"),
                "backtick": Wire.request("GET /props HTTP/1.1", host: "`a`"),
                "caret": Wire.request("GET /props HTTP/1.1", host: "a^b"),
            ]
        )
        table.refuse("RFC 9110 5.5", each: [Variation].controlCharacters, "within") {
            Wire.request("GET /props HTTP/1.1", host: "a" + $0 + "b")
        }
        table.refuse("RFC 9112 3.2", each: [Variation].beyondASCII, "with") {
            Wire.request("GET /props HTTP/1.1", host: "a" + $0)
        }
        return table
    }
}
