import NIOCore

/// For how long slots stood idle between two requests: each request takes the slot that has been idle longest.
struct Turnarounds {
    /// Of a long run only the first are kept.
    private static let maximum = 1 << 20

    private var vacancies = CircularBuffer<NIODeadline>()
    private var microseconds: [Int] = []

    mutating func vacated(at now: NIODeadline) {
        vacancies.append(now)
    }

    mutating func taken(at now: NIODeadline) {
        guard let since = vacancies.popFirst(), microseconds.count < Self.maximum else { return }
        microseconds.append(Int((now - since).nanoseconds / 1000))
    }

    /// - Parameter share: 0..<1.
    func percentile(_ share: Double) -> Int? {
        guard !microseconds.isEmpty else { return nil }
        return microseconds.sorted()[Int(Double(microseconds.count) * share)]
    }
}
