/// A number of days as it is written on the command line: `400d`.
struct DayCount: Equatable, Sendable, CustomStringConvertible {
    let days: Int

    /// Ten years.
    private static let most = 3653

    init(_ days: Int) {
        self.days = days
    }

    init(parsing text: String) throws(FlagValueError) {
        let digits = text.hasSuffix("d") ? text.dropLast() : ""
        guard digits.utf8.allSatisfy({ UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }), let days = Int(digits) else {
            throw FlagValueError("\"\(text)\" is not a number of days; write for example 400d")
        }
        guard 1...Self.most ~= days else { throw FlagValueError("must be from 1d to \(Self.most)d") }
        self.days = days
    }

    var description: String { "\(days)d" }
}
