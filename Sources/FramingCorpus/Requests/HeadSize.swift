extension RequestTable {
    static var headSize: RequestTable {
        var table = RequestTable("head size")
        func lines(_ count: Int) -> String {
            Wire.head("GET /props HTTP/1.1", ["Host: a"] + (1..<count).map { "X\($0): y" })
        }
        table.pass(
            "RFC 9110 5.4",
            as: .get(),
            laxBecause: "its head may have 101 lines, ours 256",
            ["256 lines": lines(256)]
        )
        table.pass(
            "RFC 9110 5.4",
            as: .get(),
            laxBecause: "its head fits 15 kB, ours 64 kB: some clients send long keys and cookies",
            ["60 kB": Wire.get("X: \(many("y", 60_000))")]
        )
        table.refuse(
            "RFC 9110 5.4",
            status: 431,
            [
                "257 lines": lines(257), "3000 lines": lines(3000),
                "70 kB of a value": Wire.get("X: \(many("y", 70_000))"),
                "70 kB of a name": Wire.get("\(many("x", 70_000)): y"),
                "70 kB of spaces": Wire.get("X:\(many(" ", 70_000))y"),
            ]
        )
        table.refuse(
            "RFC 9112 3",
            status: 414,
            ["70 kB of a method": Wire.request("\(many("X", 70_000)) /props HTTP/1.1")]
        )
        return table
    }
}
