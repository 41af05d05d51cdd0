extension RequestTable {
    static var chunkSize: RequestTable {
        var table = RequestTable("chunk size")
        func size(_ size: String) -> String { Wire.chunked("\(size)\r\nhello\r\n0\r\n\r\n") }
        func last(_ size: String) -> String { Wire.chunked("5\r\nhello\r\n\(size)\r\n\r\n") }
        table.pass(
            "RFC 9112 7.1",
            as: .post(),
            [
                "plain": size("5"),
                "leading zero": size("05"),
                "sixteen digits": size("0000000000000005"),
                "last of several zeros": last("000"),
            ]
        )
        table.pass(
            "RFC 9112 7.1",
            as: .post("0123456789"),
            [
                "lower case": Wire.chunked("a\r\n0123456789\r\n0\r\n\r\n"),
                "upper case": Wire.chunked("A\r\n0123456789\r\n0\r\n\r\n"),
                "in two": Wire.chunked("4\r\n0123\r\n6\r\n456789\r\n0\r\n\r\n"),
                "in single bytes": Wire.chunked("0123456789".map { "1\r\n\($0)\r\n" }.joined() + "0\r\n\r\n"),
            ]
        )
        table.pass("RFC 9112 7.1", as: .post(""), ["only the last": Wire.chunked("0\r\n\r\n")])
        table.refuse(
            "RFC 9112 7.1",
            [
                "empty": size(""),
                "empty last": last(""),
                "space before": size(" 5"),
                "space behind": size("5 "),
                "tab before": size("\t5"),
                "tab behind": size("5\t"),
                "space within": size("0 5"),
                "plus": size("+5"),
                "minus": size("-5"),
                "minus zero": last("-0"),
                "0x": size("0x5"),
                "0x last": last("0x0"),
                "h": size("5h"),
                "underscore": size("0_5"),
                "fraction": size("5.0"),
                "comma": size("5,5"),
                "quoted": size("\"5\""),
                "word": size("five"),
                "no-break space": size("5\u{A0}"),
                "superscript digit": size("\u{B9}"),
                "2^64 + 5": size("10000000000000005"),
                "2^64 - 1": size("ffffffffffffffff"),
                "2^63": size("8000000000000000"),
                "2^63 - 1": size("7fffffffffffffff"),
                "2^68 - 1": size("fffffffffffffffff"),
                "2^128 + 5": size("100000000000000000000000000000005"),
                "seventeen digits": size("00000000000000005"),
                "many zeros": size("\(many("0", 10_000))5"),
                "last of many zeros": last(String(repeating: "0", count: 17)),
                "a line with nothing before the last": Wire.chunked("5\r\nhello\r\n\r\n0\r\n\r\n"),
                "a line with nothing before the first": Wire.chunked("\r\n5\r\nhello\r\n0\r\n\r\n"),
            ]
        )
        table.leave(
            "RFC 9112 8",
            ["2^60": size("1000000000000000"), "2^32 + 5": size("100000005"), "2^31": size("80000000")]
        )
        table.refuse("RFC 9112 7.1", each: [Variation].nonHexDigits, "behind the digit") { size("5" + $0) }
        table.refuse("RFC 9112 7.1", each: [Variation].controlCharacters, "behind the digit") { size("5" + $0) }
        table.refuse("RFC 9112 7.1", each: [Variation].controlCharacters, "before the digit") { size($0 + "5") }
        table.refuse("RFC 9112 7.1", each: [Variation].beyondASCII, "behind the last digit") { last("0" + $0) }
        return table
    }
}
