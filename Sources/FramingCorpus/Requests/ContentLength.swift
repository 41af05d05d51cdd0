extension RequestTable {
    static var contentLength: RequestTable {
        var table = RequestTable("Content-Length")
        table.pass(
            "RFC 9110 8.6",
            as: .post(),
            [
                "plain": Wire.post("Content-Length: 5"),
                "no space": Wire.post("Content-Length:5"),
                "spaces around": Wire.post("Content-Length:   5  "),
                "leading zero": Wire.post("Content-Length: 05"),
                "many leading zeros": Wire.post("Content-Length: 00000000000000000000000005"),
                "lower case": Wire.post("content-length: 5"),
                "upper case": Wire.post("CONTENT-LENGTH: 5"),
            ]
        )
        table.pass(
            "RFC 9112 6.2",
            as: .post(""),
            ["zero": Wire.post("Content-Length: 0", body: ""), "zeros": Wire.post("Content-Length: 000", body: "")]
        )
        // A name of its own, and no length: RFC 9110 5.1.
        table.pass(
            "RFC 9110 5.1",
            as: .post("", present: ["Content_Length: 5"]),
            ["underscore in the name": Wire.post("Content_Length: 5", body: "")]
        )
        table.refuse(
            "RFC 9112 6.3",
            [
                "empty": Wire.post("Content-Length:"),
                "only a space": Wire.post("Content-Length: "),
                "plus": Wire.post("Content-Length: +5"),
                "minus": Wire.post("Content-Length: -5"),
                "plus zero": Wire.post("Content-Length: +0"),
                "minus zero": Wire.post("Content-Length: -0"),
                "hex": Wire.post("Content-Length: 0x5"),
                "octal": Wire.post("Content-Length: 0o5"),
                "a space within": Wire.post("Content-Length: 0 5"),
                "fraction": Wire.post("Content-Length: 5.0"),
                "exponent": Wire.post("Content-Length: 5e0"),
                "underscore": Wire.post("Content-Length: 0_5"),
                "quoted": Wire.post("Content-Length: \"5\""),
                "parameter": Wire.post("Content-Length: 5;q=1"),
                "word": Wire.post("Content-Length: five"),
                "superscript digit": Wire.post("Content-Length: 5\u{B2}"),
                "full-width digit": Wire.post("Content-Length: \u{EF}\u{BC}\u{95}"),
                "no-break space": Wire.post("Content-Length: \u{A0}5"),
                "2^63": Wire.post("Content-Length: 9223372036854775808"),
                "2^64": Wire.post("Content-Length: 18446744073709551616"),
                "2^64 + 5": Wire.post("Content-Length: 18446744073709551621"),
                "2^128 + 5": Wire.post("Content-Length: 340282366920938463463374607431768211461"),
                "a hundred digits": Wire.post("Content-Length: \(many("9", 100))"),
            ]
        )
        table.refuse(
            "RFC 9110 15.5.14",
            status: 413,
            [
                "2^63 - 1": Wire.post("Content-Length: 9223372036854775807"),
                "2^32 + 5": Wire.post("Content-Length: 4294967301"),
                "2^31": Wire.post("Content-Length: 2147483648"),
            ]
        )
        table.refuse(
            "RFC 9110 5.6.3",
            [
                "tab before": Wire.post("Content-Length:\t5"),
                "tab behind": Wire.post("Content-Length: 5\t"),
                "tab within": Wire.post("Content-Length: 0\t5"),
            ]
        )
        table.refuse("RFC 9110 8.6", each: [Variation].nonDigits, "behind the digit") {
            Wire.post("Content-Length: 5" + $0)
        }
        table.refuse("RFC 9110 8.6", each: [Variation].nonDigits, "before the digit") {
            Wire.post("Content-Length: " + $0 + "5")
        }
        table.refuse("RFC 9110 5.5", each: [Variation].controlCharacters, "around the digit") {
            Wire.post("Content-Length: " + $0 + "5" + $0)
        }
        table.leave("RFC 9112 8", ["more than comes": Wire.post("Content-Length: 1000")])
        return table
    }
}
