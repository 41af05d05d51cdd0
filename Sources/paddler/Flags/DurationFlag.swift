/// A span of time as written on the command line: `500ms`, `10s`, `2m`, `1h`; a bare number is seconds.
struct DurationFlag: Equatable, Sendable, CustomStringConvertible {
    let duration: Duration

    /// Longer than any process lives, and small enough that nanoseconds don't overflow when spans are added.
    private static let longest: Duration = .seconds(365 * 24 * 3600)

    init(_ duration: Duration) {
        self.duration = duration
    }

    init(parsing text: String) throws(FlagValueError) {
        let number = text.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
        guard
            let value = Double(number),
            let unit = Self.secondsPerUnit[String(text.dropFirst(number.count))],
            value * unit <= Double(Self.longest.components.seconds)
        else {
            throw FlagValueError(
                "\"\(text)\" is not a duration; write for example 500ms, 10s or 2m (a bare number is seconds)"
            )
        }
        self.duration = .seconds(value * unit)
    }

    private static let secondsPerUnit: [String: Double] = ["": 1, "ms": 0.001, "s": 1, "m": 60, "h": 3600]

    var description: String {
        let milliseconds = duration / .milliseconds(1)
        if milliseconds < 1000 || milliseconds.truncatingRemainder(dividingBy: 1000) != 0 {
            return "\(Int(milliseconds))ms"
        }
        return "\(Int(milliseconds / 1000))s"
    }
}
