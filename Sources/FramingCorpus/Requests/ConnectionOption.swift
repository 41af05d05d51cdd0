extension RequestTable {
    /// RFC 9110 7.6.1 has fields that `Connection` names removed; never those that say where a message ends, whom it is for
    /// and who sent it.
    static var connectionOption: RequestTable {
        var table = RequestTable("Connection")
        let rule = "RFC 9110 7.6.1"
        let names = ["content-length", "transfer-encoding", "host", "authorization", "x-forwarded-for", "content-type"]
        for name in names {
            table.pass(
                rule,
                "names \(name)",
                Wire.post(
                    "Connection: \(name)",
                    "Content-Length: 5",
                    "Authorization: Bearer x",
                    "Content-Type: text/plain"
                ),
                as: .post(
                    present: ["Content-Length: 5", "Authorization: Bearer x", "Content-Type: text/plain"],
                    absent: ["Connection"]
                )
            )
            table.pass(
                rule,
                "of chunks, names \(name)",
                Wire.post("Transfer-Encoding: chunked", "Connection: close, \(name)", body: "5\r\nhello\r\n0\r\n\r\n"),
                as: .post(present: ["Content-Length: 5"], absent: ["Connection"], isLast: true)
            )
        }
        table.pass(
            rule,
            "names X",
            Wire.get("Connection: X", "X: y", "Y: z"),
            as: .get(present: ["Y: z"], absent: ["X", "Connection"])
        )
        table.pass(
            rule,
            "names X, before it",
            Wire.get("X: y", "Connection: X"),
            as: .get(absent: ["X", "Connection"])
        )
        table.pass(rule, "names X in other letters", Wire.get("Connection: x", "X: y"), as: .get(absent: ["X"]))
        table.pass(rule, "names several", Wire.get("Connection: X,,Y ,", "X: 1", "Y: 2"), as: .get(absent: ["X", "Y"]))
        table.pass(
            rule,
            "on two lines",
            Wire.get("Connection: X", "Connection: Y", "X: 1", "Y: 2"),
            as: .get(absent: ["X", "Y"])
        )
        table.pass(rule, "empty", Wire.get("Connection:"), as: .get(absent: ["Connection"]))
        table.pass(
            "RFC 9112 9.3",
            "close",
            Wire.get("Connection: close"),
            as: .get(absent: ["Connection"], isLast: true)
        )
        table.pass("RFC 9112 9.3", "Close", Wire.get("Connection: Close"), as: .get(isLast: true))
        table.pass(
            "RFC 9112 9.3",
            "close and keep-alive",
            Wire.get("Connection: close, keep-alive"),
            as: .get(isLast: true)
        )
        table.pass(
            "RFC 9112 9.3",
            "keep-alive and close",
            Wire.get("Connection: keep-alive", "Connection: close"),
            as: .get(isLast: true)
        )
        table.pass(
            "RFC 9112 9.3",
            "keep-alive",
            Wire.get("Connection: keep-alive", "Keep-Alive: timeout=5"),
            as: .get(absent: ["Keep-Alive", "Connection"])
        )
        table.pass(
            rule,
            "Proxy-Connection",
            Wire.get("Proxy-Connection: keep-alive"),
            as: .get(absent: ["Proxy-Connection"])
        )
        table.refuse(
            rule,
            [
                "quoted": Wire.get("Connection: \"close\""), "two words": Wire.get("Connection: close now"),
                "parameter": Wire.get("Connection: close;q=1"), "colon": Wire.get("Connection: X: y"),
                "obs-text": Wire.get("Connection: close\u{FF}"), "slash": Wire.get("Connection: a/b"),
                "forty": Wire.get("Connection: " + (1...40).map { "X\($0)" }.joined(separator: ", ")),
            ]
        )
        table.refuse(
            "RFC 9110 5.6.3",
            ["tab": Wire.get("Connection:\tclose"), "tab behind": Wire.get("Connection: close\t")]
        )
        return table
    }
}
