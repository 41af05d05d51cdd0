extension RequestTable {
    static var fieldValue: RequestTable {
        var table = RequestTable("field value")
        table.pass("RFC 9110 5.5", "empty", Wire.get("X:"), as: .get(present: ["X:"]))
        table.pass("RFC 9110 5.5", "without space", Wire.get("X:y"), as: .get(present: ["X:y"]))
        table.pass("RFC 9110 5.5", "with spaces", Wire.get("X:   y   "), as: .get(present: ["X:   y   "]))
        table.pass("RFC 9110 5.5", "tab within", Wire.get("X: a\tb"), as: .get(present: ["X: a\tb"]))
        table.pass("RFC 9110 5.5", "tab around", Wire.get("X:\ta\t"), as: .get(present: ["X:\ta\t"]))
        table.pass("RFC 9110 5.5", "colons", Wire.get("X: a: b: c"), as: .get(present: ["X: a: b: c"]))
        table.pass(
            "RFC 9110 5.5",
            "looks like two lines",
            Wire.get("X: a\\r\\nY: b"),
            as: .get(present: ["X: a\\r\\nY: b"])
        )
        table.pass("RFC 9110 5.5", "quotes that don't end", Wire.get("X: \"a"), as: .get(present: ["X: \"a"]))
        table.pass(
            "RFC 9110 5.5",
            "every visible character",
            Wire.get("X: \(visible)"),
            as: .get(present: ["X: \(visible)"])
        )
        for variation in [Variation].beyondASCII {
            let line = "X: a" + variation.text + "b"
            table.pass("RFC 9110 5.5", "obs-text \(variation.name)", Wire.get(line), as: .get(present: [line]))
        }
        table.pass("RFC 9110 5.5", "UTF-8", Wire.get("X: \u{C3}\u{A9}"), as: .get(present: ["X: \u{C3}\u{A9}"]))
        // Its low byte is a line end for who keeps only that: RFC 9110 5.5 speaks of bytes.
        table.pass(
            "RFC 9110 5.5",
            "letters whose code ends in 0D 0A",
            Wire.get("X: a\u{C4}\u{8D}\u{C4}\u{8A}Y: b"),
            as: .get(present: ["X: a\u{C4}\u{8D}\u{C4}\u{8A}Y: b"], absent: ["Y"])
        )
        table.pass(
            "RFC 9110 5.3",
            "lines of one name, in order",
            Wire.get("X: 1", "X: 2", "x: 3"),
            as: .get(present: ["X: 1", "X: 2", "x: 3"])
        )
        table.refuse("RFC 9110 5.5", each: [Variation].controlCharacters, "at its start") { Wire.get("X: " + $0 + "y") }
        table.refuse("RFC 9110 5.5", each: [Variation].controlCharacters, "within") { Wire.get("X: y" + $0 + "z") }
        table.refuse("RFC 9110 5.5", each: [Variation].controlCharacters, "at its end") { Wire.get("X: y" + $0) }
        table.refuse("RFC 9110 5.5", each: [Variation].controlCharacters, "of Connection") {
            Wire.get("Connection: close" + $0)
        }
        table.refuse(
            "RFC 9112 2.2",
            [
                "CR within": Wire.get("X: y\rz"), "LF within": Wire.get("X: y\nz"), "CR at its end": Wire.get("X: y\r"),
                "LF at its end": Wire.get("X: y\n"), "CR at its start": Wire.get("X: \ry"),
                "LF at its start": Wire.get("X: \ny"),
                "LF and a field": Wire.get("X: y\nContent-Length: 5"),
                "CR and a field": Wire.get("X: y\rContent-Length: 5"),
                "LF and a coding": Wire.get("X: y\nTransfer-Encoding: chunked"),
                "two LF and a request": Wire.get("X: y\n\nGET /smuggled HTTP/1.1\nHost: a\n"),
                "two CR and a request": Wire.get("X: y\r\rGET /smuggled HTTP/1.1\rHost: a\r"),
            ]
        )
        return table
    }

    private static var visible: String {
        String((0x21..<0x7F).map { (byte: UInt8) in Character(Unicode.Scalar(byte)) })
    }
}
