/// What a tenant has used of all its limits together. A request is let in by all of them, or takes nothing of any.
public struct TenantBudget: Equatable, Sendable {
    public enum Admission: Equatable, Sendable {
        case admitted(TokenCharge, BudgetStatus)
        /// - Parameter retryAfter: in nanoseconds, when the limit that holds for longest lets such a request in.
        case refused(RateLimit, retryAfter: Int64, BudgetStatus)
    }

    private(set) var limits: TenantLimits
    private var requests: TokenBucket?
    private var tokens: TokenBucket?
    private var day: DayBudget

    public init(_ limits: TenantLimits, at now: BudgetTime) {
        self.limits = limits
        requests = limits.requestsPerMinute.map { TokenBucket(perMinute: $0, at: now.uptime) }
        tokens = limits.tokensPerMinute.map { TokenBucket(perMinute: $0, at: now.uptime) }
        day = DayBudget(perDay: limits.tokensPerDay)
    }

    /// What was used stays used.
    mutating func setLimits(_ limits: TenantLimits, at now: BudgetTime) {
        guard limits != self.limits else { return }
        self.limits = limits
        Self.set(&requests, to: limits.requestsPerMinute, at: now)
        Self.set(&tokens, to: limits.tokensPerMinute, at: now)
        day.perDay = limits.tokensPerDay
    }

    private static func set(_ bucket: inout TokenBucket?, to limit: Int?, at now: BudgetTime) {
        guard let limit else { return bucket = nil }
        if bucket == nil { bucket = TokenBucket(perMinute: limit, at: now.uptime) }
        bucket?.setLimit(limit, at: now.uptime)
    }

    /// So much was taken of a day by others.
    ///
    /// - Parameter now: within that day.
    mutating func add(foreign tokens: Int, at now: BudgetTime) {
        pass(to: now)
        day.take(max(0, tokens))
    }

    /// A request wants to run.
    ///
    /// - Parameter estimate: how many tokens it can be expected to cost. Of more than a limit is in all, that counts: who names
    ///   a `max_tokens` without meaning it is let in when nothing else is owed.
    public mutating func admit(estimate: Int, at now: BudgetTime) -> Admission {
        pass(to: now)
        let estimate = max(0, estimate)
        if let (limit, wait) = longestWait(estimate, at: now) {
            return .refused(limit, retryAfter: wait, status(at: now))
        }
        requests?.take(1)
        let takenOfMinute = tokens.map { min(estimate, $0.perMinute) } ?? 0
        tokens?.take(takenOfMinute)
        let takenOfDay = day.take(estimate: estimate)
        let charge = TokenCharge(
            estimate: estimate,
            takenOfMinute: takenOfMinute,
            takenOfDay: takenOfDay,
            day: day.perDay == nil ? 0 : day.day
        )
        return .admitted(charge, status(at: now))
    }

    private func longestWait(_ estimate: Int, at now: BudgetTime) -> (RateLimit, Int64)? {
        var longest: (RateLimit, Int64)?
        func consider(_ limit: RateLimit, _ wait: Int64) {
            if wait > 0, wait > longest?.1 ?? 0 { longest = (limit, wait) }
        }
        if let requests { consider(.requestsPerMinute(requests.perMinute), requests.wait(for: 1)) }
        if let tokens { consider(.tokensPerMinute(tokens.perMinute), tokens.wait(for: estimate)) }
        if let perDay = day.perDay, !day.has(estimate) { consider(.tokensPerDay(perDay), Self.untilMidnight(now)) }
        return longest
    }

    /// It is known what a request cost.
    public mutating func settle(_ charge: TokenCharge, actual: Int, at now: BudgetTime) {
        pass(to: now)
        let difference = max(0, actual) - charge.takenOfMinute
        if difference > 0 { tokens?.take(difference) } else { tokens?.giveBack(-difference) }
        day.correct(charge.takenOfDay, to: max(0, actual), of: charge.day)
    }

    /// It was let in, and went nowhere: it was refused for something else before it waited for anything.
    ///
    /// - Returns: what is left then.
    mutating func takeBack(_ charge: TokenCharge, at now: BudgetTime) -> BudgetStatus {
        settle(charge, actual: 0, at: now)
        requests?.giveBack(1)
        return status(at: now)
    }

    private mutating func pass(to now: BudgetTime) {
        requests?.pass(to: now.uptime)
        tokens?.pass(to: now.uptime)
        day.pass(to: CivilDate(secondsSince1970: now.utc).daysSince1970)
    }

    private func status(at now: BudgetTime) -> BudgetStatus {
        func meter(_ bucket: TokenBucket) -> BudgetStatus.Meter {
            BudgetStatus.Meter(limit: bucket.perMinute, left: bucket.left, untilFull: bucket.untilFull)
        }
        var tokens = tokens.map(meter)
        if let perDay = day.perDay, let left = day.left, left < tokens?.left ?? .max {
            tokens = BudgetStatus.Meter(
                limit: perDay,
                left: left,
                untilFull: day.used > 0 ? Self.untilMidnight(now) : 0
            )
        }
        return BudgetStatus(requests: requests.map(meter), tokens: tokens)
    }

    /// In nanoseconds.
    private static func untilMidnight(_ now: BudgetTime) -> Int64 {
        Int64(CivilDate.secondsOfDay - now.utc % CivilDate.secondsOfDay) * 1_000_000_000
    }
}
