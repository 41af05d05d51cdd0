/// How fast servers of one model compute prompts, beside each other. In classes, each some three times as fast as the next:
/// what is measured of equal servers differs by what else they do meanwhile, and must not tell them apart.
struct SpeedClasses: Sendable {
    /// How many servers each class has.
    private var members: [Int: Int] = [:]

    /// From the middle of a class to that of the next one, in powers of two.
    private static let width = 1.5
    /// How far a server may be from the middle of its class.
    private static let margin = 1.1
    /// By how many classes a server is above the slowest.
    private static let speeds = [1, 3, 8, 16]

    var slowest: Int? { members.keys.max() }
    var count: Int { members.values.reduce(0, +) }

    /// Where a server belongs: in its class for as long as it fits, then in another that has members, if it fits there.
    ///
    /// - Parameters:
    ///   - pace: nanoseconds for each token of a prompt, above 0.
    ///   - before: its class; nil: it has none.
    mutating func place(_ pace: Double, from before: Int?) -> Int {
        let logarithm = Self.logarithm(of: pace)
        let distance = { (number: Int) in abs(logarithm - Double(number) * Self.width) }
        if let before, distance(before) <= Self.margin { return before }
        if let before { leave(before) }
        let known = members.keys.filter { distance($0) <= Self.margin }
            .min { (distance($0), $0) < (distance($1), $1) }
        let number = known ?? Int((logarithm / Self.width).rounded())
        members[number, default: 0] += 1
        return number
    }

    mutating func leave(_ number: Int) {
        guard let count = members[number] else { return }
        members[number] = count > 1 ? count - 1 : nil
    }

    /// How many times as fast as the slowest a server of this class is; 1 for one of which nothing is known.
    func speed(of number: Int?) -> Int {
        guard let number, let slowest else { return 1 }
        return Self.speeds[min(max(0, slowest - number), Self.speeds.count - 1)]
    }

    /// To the base of 2, right to a tenth.
    private static func logarithm(of number: Double) -> Double {
        Double(number.exponent) + number.significand - 1
    }
}
