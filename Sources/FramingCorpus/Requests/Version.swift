extension RequestTable {
    static var version: RequestTable {
        var table = RequestTable("version")
        table.pass("RFC 9112 2.3", "1.1", Wire.request("GET /props HTTP/1.1"), as: .get())
        table.pass("RFC 9112 9.3", "1.0", Wire.request("GET /props HTTP/1.0"), as: .get(isLast: true))
        table.pass(
            "RFC 9112 3.2",
            "1.0 without Host",
            Wire.request("GET /props HTTP/1.0", host: nil),
            as: .get(host: "localhost", isLast: true)
        )
        table.pass(
            "RFC 9112 9.3",
            "1.0 that keeps alive",
            Wire.head("GET /props HTTP/1.0", ["Host: a", "Connection: keep-alive"]),
            as: .get()
        )
        table.pass(
            "RFC 9112 9.3",
            "1.0 with a length",
            Wire.head("POST /completion HTTP/1.0", ["Host: a", "Content-Length: 5"], body: "hello"),
            as: .post(isLast: true)
        )
        for major in 0...9 {
            for minor in [0, 1, 2, 9] where major != 1 || minor > 1 {
                table.refuse(
                    "RFC 9110 15.6.6",
                    status: 505,
                    ["\(major).\(minor)": Wire.request("GET /props HTTP/\(major).\(minor)")]
                )
            }
        }
        table.refuse(
            "RFC 9112 2.3",
            [
                "0.9 has none": "GET /props\r\n", "0.9 with fields": Wire.request("GET /props"),
                "none but a space": Wire.request("GET /props "),
                "lower case": Wire.request("GET /props http/1.1"), "mixed case": Wire.request("GET /props Http/1.1"),
                "no number": Wire.request("GET /props HTTP"), "no number but a slash": Wire.request("GET /props HTTP/"),
                "one digit": Wire.request("GET /props HTTP/1"), "no minor": Wire.request("GET /props HTTP/1."),
                "no major": Wire.request("GET /props HTTP/.1"),
                "two digits": Wire.request("GET /props HTTP/1.10"),
                "leading zero": Wire.request("GET /props HTTP/01.1"),
                "minor with leading zero": Wire.request("GET /props HTTP/1.01"),
                "three numbers": Wire.request("GET /props HTTP/1.1.1"),
                "comma": Wire.request("GET /props HTTP/1,1"), "no dot": Wire.request("GET /props HTTP/11"),
                "no slash": Wire.request("GET /props HTTP1.1"),
                "backslash": Wire.request("GET /props HTTP\\1.1"),
                "space before the slash": Wire.request("GET /props HTTP /1.1"),
                "space behind the slash": Wire.request("GET /props HTTP/ 1.1"),
                "space at the end": Wire.request("GET /props HTTP/1.1 "),
                "tab at the end": Wire.request("GET /props HTTP/1.1\t"),
                "tab before": Wire.request("GET /props \tHTTP/1.1"),
                "minus": Wire.request("GET /props HTTP/-1.1"), "plus": Wire.request("GET /props HTTP/+1.1"),
                "hex": Wire.request("GET /props HTTP/1.a"),
                "X": Wire.request("GET /props HTTP/1.X"), "other name": Wire.request("GET /props HTTQ/1.1"),
                "longer name": Wire.request("GET /props HTTPS/1.1"),
                "shorter name": Wire.request("GET /props HTT/1.1"), "two": Wire.request("GET /props HTTP/1.1 HTTP/1.1"),
                "text behind": Wire.request("GET /props HTTP/1.1x"),
                "superscript": Wire.request("GET /props HTTP/1.\u{B9}"),
                "RTSP": Wire.request("GET /props RTSP/1.0"), "SIP": Wire.request("GET /props SIP/2.0"),
                "ICY": Wire.request("GET /props ICY/1.0"),
            ]
        )
        table.refuse("RFC 9112 2.3", each: [Variation].controlCharacters, "before") {
            Wire.request("GET /props " + $0 + "HTTP/1.1")
        }
        table.refuse("RFC 9112 2.3", each: [Variation].controlCharacters, "within") {
            Wire.request("GET /props HTTP/1" + $0 + ".1")
        }
        table.refuse("RFC 9112 2.3", each: [Variation].controlCharacters, "behind") {
            Wire.request("GET /props HTTP/1.1" + $0)
        }
        return table
    }
}
