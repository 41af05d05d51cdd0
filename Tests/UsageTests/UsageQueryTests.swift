import Testing

@testable import Usage

@Suite("Questions about usage")
struct UsageQueryTests {
    private static let now = Sample.midnight + 5 * 3600 + 1800
    private static let midnightHour = Sample.midnight / 3600

    private func query(
        _ from: String?,
        _ to: String?,
        _ by: String? = nil
    ) throws(UsageQueryMistake) -> UsageQuery {
        try UsageQuery(from: from, to: to, by: by, now: Self.now)
    }

    @Test("without a word it is this month so far, by tenant")
    func standard() throws {
        let query = try query(nil, nil)
        #expect(UsageTime.text(hour: query.from) == "2026-11-01T00:00:00Z")
        #expect(UsageTime.text(hour: query.to) == "2026-11-30T06:00:00Z")
        #expect(query.groupings == [.tenant])
    }

    @Test(
        "a day that ends it counts, an hour doesn't; all is UTC, over the ends of months and years",
        arguments: [
            ("2026-10-01", "2026-10-31", "2026-10-01T00:00:00Z", "2026-11-01T00:00:00Z"),
            ("2026-11-30T04:00Z", "2026-11-30T05Z", "2026-11-30T04:00:00Z", "2026-11-30T05:00:00Z"),
            ("2025-12-31", "2025-12-31", "2025-12-31T00:00:00Z", "2026-01-01T00:00:00Z"),
            ("2024-02-29", "2024-02-29", "2024-02-29T00:00:00Z", "2024-03-01T00:00:00Z"),
            ("2026-11-30T23:00:00Z", "2026-11-30", "2026-11-30T23:00:00Z", "2026-12-01T00:00:00Z"),
        ]
    )
    func times(from: String, to: String, first: String, last: String) throws {
        let query = try query(from, to)
        #expect(UsageTime.text(hour: query.from) == first && UsageTime.text(hour: query.to) == last)
    }

    @Test(
        "what can't be meant is told in words",
        arguments: [
            ("yesterday", nil, nil, "from= takes a day"), ("2026-02-30", nil, nil, "not '2026-02-30'"),
            ("2026-11-01T05:30Z", nil, nil, "a whole hour"), ("2026-11-01T05:00+01:00", nil, nil, "in UTC"),
            (nil, "2026-11-30T24:00Z", nil, "to= takes"), ("2026-11-02", "2026-11-01", nil, "from= must be before to="),
            (nil, nil, "tenant,colour", "not 'colour'"), (nil, nil, "tenant,tenant", "each once"),
            (nil, nil, "", "by= takes"), (nil, nil, "hour,day", "not both"),
            ("2026-10-01", nil, "hour", "by=hour is not known before 2026-10-30"),
            ("2026-10-01T05:00Z", nil, "tenant", "the hour of from= is not known"),
        ] as [(String?, String?, String?, String)]
    )
    func mistakes(from: String?, to: String?, by: String?, words: String) {
        let mistake = #expect(throws: UsageQueryMistake.self) { try query(from, to, by) }
        #expect(mistake.map { "\($0)" }?.contains(words) == true)
    }

    @Test("rows are by time, those with most slot time first, and the total is that of all")
    func order() throws {
        let query = try query("2026-11-29", nil, "day,tenant")
        var groups: [UsageGroup: UsageCounts] = [:]
        for (day, tenant, slotTime) in [(1, "small", 1), (1, "large", 9), (0, "other", 3)] {
            var counts = UsageCounts()
            counts.slotTime = slotTime
            groups[UsageGroup(start: query.from + day * 24, tenant: tenant, model: nil)] = counts
        }
        let answer = try UsageAnswer(query, groups, .disk)
        #expect(answer.rows.map(\.group.tenant) == ["other", "large", "small"])
        #expect(answer.total.slotTime == 13)
    }

    @Test("a spreadsheet reads each cell as what it is, whatever a client has called its model")
    func csv() throws {
        let query = try query("2026-11-30", nil, "hour,tenant,model")
        var counts = UsageCounts()
        counts.requests = 3
        counts.refusals = ["queue_full": 1, "guarded": 1]
        counts.slotTime = 1_000_020
        let names = [
            ("=HYPERLINK(\"http://evil\")", "\"'=HYPERLINK(\"\"http://evil\"\")\""), ("+1", "\"'+1\""),
            ("-1", "\"'-1\""),
            ("@a", "\"'@a\""), ("a,b", "\"a,b\""), ("say \"a\"", "\"say \"\"a\"\"\""),
            ("a\r\n=b\u{1B}", "a\u{FFFD}\u{FFFD}=b\u{FFFD}"),
            ("plain", "plain"), ("", ""),
        ]
        for (name, cell) in names {
            let group = UsageGroup(start: query.from, tenant: "team", model: name)
            let csv = try UsageAnswer(query, [group: counts], .disk).csv
            #expect(
                csv == """
                    hour,tenant,model,requests,refused,tokens_computed,tokens_cached,tokens_generated,slot_seconds,\
                    waited_seconds,refusals\r
                    2026-11-30T00:00:00Z,team,\(cell),3,2,0,0,0,1.000020,0.000000,guarded:1 queue_full:1\r\n
                    """
            )
        }
    }
}
