/// So much from one midnight, UTC, to the next.
///
/// A limit that is taken away for a while, and put back, finds what had been used of the day; what is used meanwhile isn't counted.
struct DayBudget: Equatable, Sendable {
    /// nil: any amount, at present.
    var perDay: Int?
    /// Since 1970-01-01.
    private(set) var day = 0
    private(set) var used = 0

    init(perDay: Int?) {
        self.perDay = perDay
    }

    /// A clock that is set back begins no day anew.
    mutating func pass(to day: Int) {
        guard day > self.day else { return }
        self.day = day
        used = 0
    }

    /// Not less than 0; nil: any amount.
    var left: Int? { perDay.map { max(0, $0 - used) } }

    /// Of more than a day's whole budget, whether all of it is there.
    func has(_ count: Int) -> Bool { perDay.map { min(count, $0) <= $0 - used } ?? true }

    mutating func take(_ count: Int) {
        used = used.addingReportingOverflow(count).overflow ? .max : used + count
    }

    /// A request takes this, or all that there is in a day.
    ///
    /// - Returns: what was taken.
    mutating func take(estimate: Int) -> Int {
        guard let perDay else { return 0 }
        let taken = min(estimate, perDay)
        take(taken)
        return taken
    }

    /// Corrects what was taken on a day; what belongs to a day that is over is forgotten with it.
    mutating func correct(_ taken: Int, to actual: Int, of day: Int) {
        guard day == self.day else { return }
        used = max(0, used - taken)
        take(actual)
    }
}
