internal import GRDB

/// The tables of a ``UsageDatabase``, and all that is said to them.
enum UsageTables {
    /// Of the tables; 0 is an empty file's.
    private static let version = 1

    // MARK: - Making them

    static func version(_ database: Database) throws -> Int {
        try Int.fetchOne(database, sql: "PRAGMA user_version") ?? 0
    }

    static func check(_ version: Int, _ path: String) throws(UsageFailure) {
        guard version <= Self.version else { throw .newer(path, version: version) }
    }

    static func make(in database: Database, _ path: String) throws {
        let version = try version(database)
        try check(version, path)
        guard version < 1 else { return }
        try database.execute(
            sql: """
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

    static func add(_ batch: UsageBatch, in database: Database) throws {
        let usage = try database.cachedStatement(sql: "INSERT INTO usage VALUES (?,?,?,?,?,?,?,?,?,?) \(adding)")
        let refusals = try database.cachedStatement(
            sql: "INSERT INTO refusals VALUES (?,?,?,?,?,?) \(addingRefusals)"
        )
        let charges = try database.cachedStatement(
            sql: """
                INSERT INTO charges VALUES (?,?,?)
                ON CONFLICT (day, tenant) DO UPDATE SET tokens = tokens + excluded.tokens
                """
        )
        for (period, rows) in batch.rows {
            for (key, counts) in rows {
                try usage.execute(
                    arguments: [
                        period.start, period.hours, key.tenant, key.model, counts.requests, counts.tokensComputed,
                        counts.tokensCached, counts.tokensGenerated, counts.slotTime, counts.waited,
                    ]
                )
                for (reason, count) in counts.refusals {
                    try refusals.execute(
                        arguments: [period.start, period.hours, key.tenant, key.model, reason, count]
                    )
                }
            }
        }
        for (day, tokens) in batch.charges { try charges.execute(arguments: [day.day, day.tenant, tokens]) }
    }

    // MARK: - Ageing

    /// Makes a day of the hours of the oldest one.
    ///
    /// - Returns: whether there was one.
    static func joinOldestHours(before first: Int, in database: Database) throws -> Bool {
        let oldest = try DatabaseValue.fetchOne(
            database,
            sql: "SELECT MIN(start) FROM usage WHERE hours = 1 AND start < ?",
            arguments: [first]
        )
        guard let start = oldest.flatMap(Int.fromDatabaseValue) else { return false }
        let midnight = UsagePeriod(day: UsagePeriod(hour: start).day).start
        let day: StatementArguments = ["day": midnight, "next": midnight + UsagePeriod.hoursOfDay]
        try database.execute(
            sql: """
                INSERT INTO usage
                    SELECT :day, 24, tenant, model, SUM(requests), SUM(tokens_computed), SUM(tokens_cached),
                        SUM(tokens_generated), SUM(slot_us), SUM(waited_us)
                    FROM usage WHERE start >= :day AND start < :next AND hours = 1 GROUP BY tenant, model
                    \(adding)
                """,
            arguments: day
        )
        try database.execute(
            sql: """
                INSERT INTO refusals
                    SELECT :day, 24, tenant, model, reason, SUM(count)
                    FROM refusals WHERE start >= :day AND start < :next AND hours = 1 GROUP BY tenant, model, reason
                    \(addingRefusals)
                """,
            arguments: day
        )
        for table in ["usage", "refusals"] {
            try database.execute(
                sql: "DELETE FROM \(table) WHERE start >= :day AND start < :next AND hours = 1",
                arguments: day
            )
        }
        return true
    }

    static func forget(_ ages: UsageAges, in database: Database) throws {
        for table in ["usage", "refusals"] {
            try database.execute(sql: "DELETE FROM \(table) WHERE start < ?", arguments: [ages.firstKept])
        }
        try database.execute(sql: "DELETE FROM charges WHERE day < ?", arguments: [ages.firstCharged])
    }

    // MARK: - Reading

    static func charges(of day: Int, in database: Database) throws -> [String: Int] {
        var charges: [String: Int] = [:]
        let rows = try Row.fetchCursor(
            database,
            sql: "SELECT tenant, tokens FROM charges WHERE day = ?",
            arguments: [day]
        )
        while let row = try rows.next() { charges[text(row[0])] = number(row[1]) }
        return charges
    }

    static func keys(in period: UsagePeriod, in database: Database) throws -> [UsageKey] {
        let rows = try Row.fetchCursor(
            database,
            sql: "SELECT tenant, model FROM usage WHERE start = ? AND hours = ?",
            arguments: [period.start, period.hours]
        )
        var keys: [UsageKey] = []
        while let row = try rows.next() { keys.append(UsageKey(tenant: text(row[0]), model: text(row[1]))) }
        return keys
    }

    /// One row more than may be told means that there are more.
    static func groups(_ query: UsageQuery, in database: Database) throws -> [UsageGroup: UsageCounts] {
        let start =
            query.groupings.contains(.hour)
            ? "start" : query.groupings.contains(.day) ? "start / 24 * 24" : "0"
        let tenant = query.groupings.contains(.tenant) ? "tenant" : "''"
        let model = query.groupings.contains(.model) ? "model" : "''"
        let group = "\(start) AS group_start, \(tenant) AS group_tenant, \(model) AS group_model"
        let range: StatementArguments = ["from": query.from, "to": query.to, "most": UsageQuery.mostRows + 1]
        var groups: [UsageGroup: UsageCounts] = [:]
        let rows = try Row.fetchCursor(
            database,
            sql: """
                SELECT \(group), SUM(requests), SUM(tokens_computed), SUM(tokens_cached), SUM(tokens_generated),
                    SUM(slot_us), SUM(waited_us)
                FROM usage WHERE start >= :from AND start < :to
                GROUP BY group_start, group_tenant, group_model LIMIT :most
                """,
            arguments: range
        )
        while let row = try rows.next() {
            var counts = UsageCounts()
            counts.requests = number(row[3])
            counts.tokensComputed = number(row[4])
            counts.tokensCached = number(row[5])
            counts.tokensGenerated = number(row[6])
            counts.slotTime = number(row[7])
            counts.waited = number(row[8])
            groups[self.group(row, query)] = counts
        }
        let refusals = try Row.fetchCursor(
            database,
            sql: """
                SELECT \(group), reason, SUM(count) FROM refusals WHERE start >= :from AND start < :to
                GROUP BY group_start, group_tenant, group_model, reason LIMIT :most * 32
                """,
            arguments: range
        )
        while let row = try refusals.next() {
            groups[self.group(row, query)]?.refusals[text(row[3])] = number(row[4])
        }
        return groups
    }

    private static func group(_ row: Row, _ query: UsageQuery) -> UsageGroup {
        let hasTime = query.groupings.contains(.hour) || query.groupings.contains(.day)
        return UsageGroup(
            start: hasTime ? number(row[0]) : nil,
            tenant: query.groupings.contains(.tenant) ? text(row[1]) : nil,
            model: query.groupings.contains(.model) ? text(row[2]) : nil
        )
    }

    /// Of a file that may be damaged without anybody having noticed: what isn't one counts for nothing.
    private static func number(_ value: DatabaseValue) -> Int { max(0, Int.fromDatabaseValue(value) ?? 0) }

    private static func text(_ value: DatabaseValue) -> String { String.fromDatabaseValue(value) ?? "" }
}
