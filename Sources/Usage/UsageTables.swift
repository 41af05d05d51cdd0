/// The tables of a ``UsageDatabase``, and all that is said to them.
enum UsageTables {
    /// Of the tables; 0 is an empty file's.
    private static let version = 1

    // MARK: - Making them

    static func version(_ database: SQLiteConnection) throws -> Int {
        try database.number("PRAGMA user_version") ?? 0
    }

    static func check(_ version: Int, _ path: String) throws(UsageFailure) {
        guard version <= Self.version else { throw .newer(path, version: version) }
    }

    static func make(in database: SQLiteConnection, _ path: String) throws {
        let version = try version(database)
        try check(version, path)
        guard version < 1 else { return }
        try database.run(
            """
            CREATE TABLE usage (
                start INTEGER NOT NULL, hours INTEGER NOT NULL, tenant TEXT NOT NULL, model TEXT NOT NULL,
                requests INTEGER NOT NULL, tokens_computed INTEGER NOT NULL, tokens_cached INTEGER NOT NULL,
                tokens_generated INTEGER NOT NULL, slot_us INTEGER NOT NULL, waited_us INTEGER NOT NULL,
                PRIMARY KEY (start, hours, tenant, model)
            ) WITHOUT ROWID;
            CREATE TABLE refusals (
                start INTEGER NOT NULL, hours INTEGER NOT NULL, tenant TEXT NOT NULL, model TEXT NOT NULL,
                reason TEXT NOT NULL, count INTEGER NOT NULL,
                PRIMARY KEY (start, hours, tenant, model, reason)
            ) WITHOUT ROWID;
            CREATE TABLE charges (
                day INTEGER NOT NULL, tenant TEXT NOT NULL, tokens INTEGER NOT NULL,
                PRIMARY KEY (day, tenant)
            ) WITHOUT ROWID;
            PRAGMA user_version = \(Self.version);
            """
        )
    }

    // MARK: - Writing

    private static let adding = """
        ON CONFLICT (start, hours, tenant, model) DO UPDATE SET requests = requests + excluded.requests,
            tokens_computed = tokens_computed + excluded.tokens_computed,
            tokens_cached = tokens_cached + excluded.tokens_cached,
            tokens_generated = tokens_generated + excluded.tokens_generated,
            slot_us = slot_us + excluded.slot_us, waited_us = waited_us + excluded.waited_us
        """
    private static let addingRefusals = """
        ON CONFLICT (start, hours, tenant, model, reason) DO UPDATE SET count = count + excluded.count
        """

    static func add(_ batch: UsageBatch, in database: SQLiteConnection) throws {
        let usage = try SQLiteStatement("INSERT INTO usage VALUES (?,?,?,?,?,?,?,?,?,?) \(adding)", in: database)
        let refusals = try SQLiteStatement(
            "INSERT INTO refusals VALUES (?,?,?,?,?,?) \(addingRefusals)",
            in: database
        )
        let charges = try SQLiteStatement(
            """
            INSERT INTO charges VALUES (?,?,?)
            ON CONFLICT (day, tenant) DO UPDATE SET tokens = tokens + excluded.tokens
            """,
            in: database
        )
        for (period, rows) in batch.rows {
            for (key, counts) in rows {
                let row: [SQLiteValue] = [
                    .number(period.start), .number(period.hours), .text(key.tenant), .text(key.model),
                ]
                let numbers = [
                    counts.requests, counts.tokensComputed, counts.tokensCached, counts.tokensGenerated,
                    counts.slotTime, counts.waited,
                ]
                try usage.run(row + numbers.map(SQLiteValue.number))
                for (reason, count) in counts.refusals { try refusals.run(row + [.text(reason), .number(count)]) }
            }
        }
        for (day, tokens) in batch.charges {
            try charges.run([.number(day.day), .text(day.tenant), .number(tokens)])
        }
    }

    // MARK: - Ageing

    /// Makes a day of the hours of the oldest one.
    ///
    /// - Returns: whether there was one.
    static func joinOldestHours(before first: Int, in database: SQLiteConnection) throws -> Bool {
        let oldest = try database.number("SELECT MIN(start) FROM usage WHERE hours = 1 AND start < ?", .number(first))
        guard let start = oldest else { return false }
        let midnight = UsagePeriod(day: UsagePeriod(hour: start).day).start
        let (day, next) = (SQLiteValue.number(midnight), SQLiteValue.number(midnight + UsagePeriod.hoursOfDay))
        try database.run(
            """
            INSERT INTO usage
                SELECT ?1, 24, tenant, model, SUM(requests), SUM(tokens_computed), SUM(tokens_cached),
                    SUM(tokens_generated), SUM(slot_us), SUM(waited_us)
                FROM usage WHERE start >= ?1 AND start < ?2 AND hours = 1 GROUP BY tenant, model
                \(adding)
            """,
            day,
            next
        )
        try database.run(
            """
            INSERT INTO refusals
                SELECT ?1, 24, tenant, model, reason, SUM(count)
                FROM refusals WHERE start >= ?1 AND start < ?2 AND hours = 1 GROUP BY tenant, model, reason
                \(addingRefusals)
            """,
            day,
            next
        )
        for table in ["usage", "refusals"] {
            try database.run("DELETE FROM \(table) WHERE start >= ? AND start < ? AND hours = 1", day, next)
        }
        return true
    }

    static func forget(_ ages: UsageAges, in database: SQLiteConnection) throws {
        for table in ["usage", "refusals"] {
            try database.run("DELETE FROM \(table) WHERE start < ?", .number(ages.firstKept))
        }
        try database.run("DELETE FROM charges WHERE day < ?", .number(ages.firstCharged))
    }

    // MARK: - Reading

    static func charges(of day: Int, in database: SQLiteConnection) throws -> [String: Int] {
        var charges: [String: Int] = [:]
        let rows = try database.rows("SELECT tenant, tokens FROM charges WHERE day = ?", .number(day))
        while try rows.next() { charges[text(rows, 0)] = number(rows, 1) }
        return charges
    }

    static func keys(in period: UsagePeriod, in database: SQLiteConnection) throws -> [UsageKey] {
        let rows = try database.rows(
            "SELECT tenant, model FROM usage WHERE start = ? AND hours = ?",
            .number(period.start),
            .number(period.hours)
        )
        var keys: [UsageKey] = []
        while try rows.next() { keys.append(UsageKey(tenant: text(rows, 0), model: text(rows, 1))) }
        return keys
    }

    /// One row more than may be told means that there are more.
    static func groups(_ query: UsageQuery, in database: SQLiteConnection) throws -> [UsageGroup: UsageCounts] {
        let start =
            query.groupings.contains(.hour)
            ? "start" : query.groupings.contains(.day) ? "start / 24 * 24" : "0"
        let tenant = query.groupings.contains(.tenant) ? "tenant" : "''"
        let model = query.groupings.contains(.model) ? "model" : "''"
        let group = "\(start) AS group_start, \(tenant) AS group_tenant, \(model) AS group_model"
        let (from, to) = (SQLiteValue.number(query.from), SQLiteValue.number(query.to))
        let most = SQLiteValue.number(UsageQuery.mostRows + 1)
        var groups: [UsageGroup: UsageCounts] = [:]
        let rows = try database.rows(
            """
            SELECT \(group), SUM(requests), SUM(tokens_computed), SUM(tokens_cached), SUM(tokens_generated),
                SUM(slot_us), SUM(waited_us)
            FROM usage WHERE start >= ? AND start < ?
            GROUP BY group_start, group_tenant, group_model LIMIT ?
            """,
            from,
            to,
            most
        )
        while try rows.next() {
            var counts = UsageCounts()
            counts.requests = number(rows, 3)
            counts.tokensComputed = number(rows, 4)
            counts.tokensCached = number(rows, 5)
            counts.tokensGenerated = number(rows, 6)
            counts.slotTime = number(rows, 7)
            counts.waited = number(rows, 8)
            groups[self.group(rows, query)] = counts
        }
        let refusals = try database.rows(
            """
            SELECT \(group), reason, SUM(count) FROM refusals WHERE start >= ? AND start < ?
            GROUP BY group_start, group_tenant, group_model, reason LIMIT ? * 32
            """,
            from,
            to,
            most
        )
        while try refusals.next() {
            groups[self.group(refusals, query)]?.refusals[text(refusals, 3)] = number(refusals, 4)
        }
        return groups
    }

    private static func group(_ row: SQLiteStatement, _ query: UsageQuery) -> UsageGroup {
        let hasTime = query.groupings.contains(.hour) || query.groupings.contains(.day)
        return UsageGroup(
            start: hasTime ? number(row, 0) : nil,
            tenant: query.groupings.contains(.tenant) ? text(row, 1) : nil,
            model: query.groupings.contains(.model) ? text(row, 2) : nil
        )
    }

    /// Of a file that may be damaged without anybody having noticed: what isn't one counts for nothing.
    private static func number(_ row: SQLiteStatement, _ column: Int32) -> Int { max(0, row.number(column) ?? 0) }

    private static func text(_ row: SQLiteStatement, _ column: Int32) -> String { row.text(column) ?? "" }
}
