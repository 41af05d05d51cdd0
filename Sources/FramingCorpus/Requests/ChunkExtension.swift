extension RequestTable {
    static var chunkExtension: RequestTable {
        var table = RequestTable("chunk extension")
        func with(_ text: String) -> String { Wire.chunked("5\(text)\r\nhello\r\n0\r\n\r\n") }
        func last(_ text: String) -> String { Wire.chunked("5\r\nhello\r\n0\(text)\r\n\r\n") }
        table.pass(
            "RFC 9112 7.1.1",
            as: .post(),
            [
                "name": with(";a"), "value": with(";a=b"), "quoted value": with(";a=\"b\""),
                "empty quoted value": with(";a=\"\""), "quoted semicolon": with(";a=\"b;c\""),
                "quoted quote": with(";a=\"b\\\"c\""), "quoted backslash": with(";a=\"\\\\\""),
                "quoted tab": with(";a=\"\t\""), "two": with(";a;b=c"), "of the last chunk": last(";a=b"),
                "looks like a size": with(";5"), "of both": Wire.chunked("5;a\r\nhello\r\n0;b\r\n\r\n"),
                "obs-text in quotes": with(";a=\"\u{C3}\u{A9}\""),
            ]
        )
        table.refuse(
            "RFC 9112 7.1.1",
            [
                "space before": with(" ;a"), "tab before": with("\t;a"), "space behind the semicolon": with("; a"),
                "no name": with(";"), "no name but a value": with(";=b"), "no value": with(";a="),
                "two semicolons": with(";;a"), "semicolon at the end": with(";a;"), "space within": with(";a b"),
                "space before equals": with(";a =b"), "space behind equals": with(";a= b"),
                "space at the end": with(";a "), "two values": with(";a=b=c"),
                "text behind quotes": with(";a=\"b\"c"), "quotes within a value": with(";a=b\"c\""),
                "quotes that don't end": with(";a=\"b"), "quoted name": with(";\"a\""),
                "quoted line end": with(";a=\"\r\n\""), "quoted-pair of CR": with(";a=\"\\\r\n\""),
                "comma": with(";a,b"), "slash": with(";a/b"), "comment": with(";(a)"),
                "obs-text in a name": with(";\u{E9}"), "obs-text in a value": with(";a=\u{E9}"),
                "LF within": with(";a\nb"), "LF at the end": Wire.chunked("5;a\nhello\r\n0\r\n\r\n"),
                "LF in quotes": with(";a=\"\n\""), "CR within": with(";a\rb"),
                "CR at the end": Wire.chunked("5;a\rhello\r\n0\r\n\r\n"), "LF of the last": last(";a\n"),
                "a name of 17 kB": with(";\(many("a", 17_000))"),
                "many, 20 kB together": Wire.chunked(
                    String(repeating: "1;\(many("a", 98))\r\nx\r\n", count: 200) + "0\r\n\r\n"
                ),
            ]
        )
        table.refuse("RFC 9112 7.1.1", each: [Variation].controlCharacters, "in a name") { with(";a" + $0 + "b") }
        table.refuse("RFC 9112 7.1.1", each: [Variation].controlCharacters, "in a value") { with(";a=b" + $0) }
        table.refuse("RFC 9112 7.1.1", each: [Variation].controlCharacters, "in quotes") { with(";a=\"" + $0 + "\"") }
        return table
    }
}
