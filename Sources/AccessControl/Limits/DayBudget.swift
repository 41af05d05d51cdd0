/// So much from one midnight, UTC, to the next.
struct DayBudget: Equatable, Sendable {
    var perDay: Int
    /// Since 1970-01-01.
    private(set) var day = 0
    private(set) var used = 0

    init(perDay: Int) {
        self.perDay = perDay
    }

    /// A clock that is set back begins no day anew.
    mutating func pass(to day: Int) {
        guard day > self.day else { return }
        self.day = day
        used = 0
    }

    /// Not less than 0.
    var left: Int { max(0, perDay - used) }

    /// Of more than a day's whole budget, whether all of it is there.
    func has(_ count: Int) -> Bool { min(count, perDay) <= perDay - used }

    mutating func take(_ count: Int) {
        used = used.addingReportingOverflow(count).overflow ? .max : used + count
    }

    /// Corrects what was taken on a day; what belongs to a day that is over is forgotten with it.
    mutating func correct(_ taken: Int, to actual: Int, of day: Int) {
        guard day == self.day else { return }
        used = max(0, used - taken)
        take(actual)
    }
}
