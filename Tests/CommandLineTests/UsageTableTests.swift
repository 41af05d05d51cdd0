import Foundation
import ManagementClient
import Testing

@testable import paddler

struct UsageTableTests {
    private static func row(_ names: String, _ requests: Int, _ slotSeconds: Double) -> String {
        """
        {\(names)"requests":\(requests),"refused":1,"tokens_computed":1000,"tokens_cached":2,"tokens_generated":30,\
        "slot_seconds":\(slotSeconds),"waited_seconds":0.25,"new_member":[1]}
        """
    }

    private func lines(
        by: String,
        rows: [String],
        storage: String = #""disk""#,
        trouble: String = "null"
    ) throws -> [String] {
        let json = """
            {"from":"2026-11-01T00:00:00Z","to":"2026-11-30T06:00:00Z","by":\(by),"storage":\(storage),\
            "trouble":\(trouble),"rows":[\(rows.joined(separator: ","))],"total":\(Self.row("", 12, 7260))}
            """
        return UsageTable(try JSONDecoder().decode(UsageDocument.self, from: Data(json.utf8))).lines(width: nil)
    }

    @Test("it is a line for each row and one for all of them")
    func table() throws {
        let rows = [
            Self.row(#""tenant":"team-a","model":null,"#, 10, 3661),
            Self.row(#""tenant":null,"model":"m\u001b","#, 2, 61.5),
        ]
        #expect(
            try lines(by: #"["tenant","model"]"#, rows: rows) == [
                "From 2026-11-01T00:00:00Z to 2026-11-30T06:00:00Z:",
                "",
                "TENANT    MODEL   REQUESTS  REFUSED  COMPUTED  CACHED  GENERATED  SLOT TIME  WAITED",
                "team-a    (none)        10        1      1000       2         30      1h01m    0.3s",
                "(nobody)  m              2        1      1000       2         30      1m01s    0.3s",
                "total                   12        1      1000       2         30      2h01m    0.3s",
            ]
        )
    }

    @Test("a name of any length widens it no further than others may")
    func longName() throws {
        let name = String(repeating: "x", count: 512)
        let rows = [
            Self.row("\"model\":\"\(name)\",", 10, 1), Self.row("\"model\":\"\(name.prefix(48))\",", 2, 1),
        ]
        let table = try lines(by: #"["model"]"#, rows: rows)
        #expect(table[3].hasPrefix(name.prefix(47) + "…  ") && table[4].hasPrefix(name.prefix(48) + "  "))
        #expect(table.allSatisfy { $0.count < 120 })
    }

    @Test("it says where usage is not kept on disk, and why")
    func storage() throws {
        let memory = try lines(by: #"["tenant"]"#, rows: [], storage: #""memory""#)
        #expect(memory[2] == "Nobody asked for anything." && memory.last?.contains("see --state-dir") == true)
        for (storage, words) in [
            (#""memory""#, "at present, and what was before the balancer was started is missing: the disk is full"),
            (#""disk""#, "What is new is kept in memory at present: the disk is full"),
        ] {
            let trouble = try lines(by: "[]", rows: [], storage: storage, trouble: #""the disk is full""#)
            #expect(trouble.last?.hasSuffix(words) == true)
        }
    }

    @Test(
        "days are written with a d, from one on",
        arguments: [("400d", 400), ("1d", 1), ("3653d", 3653), ("0d", nil), ("400", nil), ("3654d", nil), ("d", nil)]
            as [(String, Int?)]
    )
    func days(text: String, days: Int?) {
        #expect((try? DayCount(parsing: text))?.days == days)
    }
}
