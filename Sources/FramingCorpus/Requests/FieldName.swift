extension RequestTable {
    static var fieldName: RequestTable {
        var table = RequestTable("field name")
        table.pass(
            "RFC 9110 5.1",
            "every token character",
            Wire.get("!#$%&'*+-.^_`|~09azAZ: x"),
            as: .get(present: ["!#$%&'*+-.^_`|~09azAZ: x"])
        )
        table.pass("RFC 9110 5.1", "underscore", Wire.get("X_Y: z"), as: .get(present: ["X_Y: z"]))
        table.pass("RFC 9110 5.1", "one digit", Wire.get("1: z"), as: .get(present: ["1: z"]))
        table.pass(
            "RFC 9110 5.1",
            "a thousand letters",
            Wire.get("\(many("x", 1000)): z"),
            as: .get(present: ["\(many("x", 1000)): z"]),
            laxBecause: "no rule limits a name; only the head is limited"
        )
        table.pass(
            "RFC 9110 5.1",
            "looks like a request",
            Wire.get("GET: / HTTP/1.1"),
            as: .get(present: ["GET: / HTTP/1.1"])
        )
        table.refuse(
            "RFC 9112 5.1",
            [
                "space before the colon": Wire.get("X : y"), "tab before the colon": Wire.get("X\t: y"),
                "spaces before the colon": Wire.get("X   : y"),
                "space before Host's colon": Wire.head("GET /props HTTP/1.1", ["Host : a"]),
                "space before Content-Length's colon": Wire.post("Content-Length : 5"),
                "tab before Content-Length's colon": Wire.post("Content-Length\t: 5"),
                "space before Connection's colon": Wire.get("Connection : close"),
            ]
        )
        table.refuse(
            "RFC 9112 5",
            [
                "empty": Wire.get(": y"), "only a colon": Wire.get(":"), "no colon": Wire.get("X"),
                "no colon but a value": Wire.get("X y"),
                "no colon, first line": Wire.head("GET /props HTTP/1.1", ["X", "Host: a"]),
                "space within": Wire.get("X Y: z"), "space for a name": Wire.get(" : y"),
                "Content-Length without colon": Wire.post("Content-Length 5"),
                "Content-Length with semicolon": Wire.post("Content-Length; 5"),
                "no-break space behind": Wire.post("Content-Length\u{A0}: 5"),
                "soft hyphen": Wire.post("Content\u{AD}Length: 5"),
                "byte order mark": Wire.post("\u{EF}\u{BB}\u{BF}Content-Length: 5"),
                "a request": Wire.get("GET /smuggled HTTP/1.1"),
            ]
        )
        table.refuse("RFC 9110 5.1", each: [Variation].delimiters.filter { $0.text != ":" }, "at its start") {
            Wire.get($0 + "X: y")
        }
        table.refuse("RFC 9110 5.1", each: [Variation].delimiters.filter { $0.text != ":" }, "at its end") {
            Wire.get("X" + $0 + ": y")
        }
        table.refuse("RFC 9110 5.1", each: [Variation].controlCharacters, "at its start") { Wire.get($0 + "X: y") }
        table.refuse("RFC 9110 5.1", each: [Variation].controlCharacters, "within") { Wire.get("X" + $0 + "Y: z") }
        table.refuse("RFC 9110 5.1", each: [Variation].controlCharacters, "at its end") { Wire.get("X" + $0 + ": y") }
        table.refuse("RFC 9110 5.1", each: [Variation].controlCharacters, "at Content-Length's start") {
            Wire.post($0 + "Content-Length: 5")
        }
        table.refuse("RFC 9110 5.1", each: [Variation].controlCharacters, "at Content-Length's end") {
            Wire.post("Content-Length" + $0 + ": 5")
        }
        table.refuse("RFC 9110 5.1", each: [Variation].beyondASCII, "within") { Wire.get("X" + $0 + "Y: z") }
        return table
    }
}
