/// A span of time as written on the command line: `500ms`, `10s`, `2m`, `1m30s`, `1h`; a bare number is seconds.
struct DurationFlag: Equatable, Sendable, CustomStringConvertible {
    let duration: Duration

    /// Longer than any process lives, and small enough that nanoseconds don't overflow when spans are added.
    private static let longest: Duration = .seconds(365 * 24 * 3600)

    init(_ duration: Duration) {
        self.duration = duration
    }

    init(parsing text: String) throws(FlagValueError) {
        guard let seconds = Self.seconds(text), seconds <= Double(Self.longest.components.seconds) else {
            throw FlagValueError(
                "\"\(text)\" is not a duration; write for example 500ms, 10s or 2m (a bare number is seconds)"
            )
        }
        self.duration = .seconds(seconds)
    }

    private static func seconds(_ text: String) -> Double? {
        if let seconds = number(text[...]) { return seconds }
        // Go takes a sign.
        var rest = text.hasPrefix("+") ? text.dropFirst() : text[...]
        var seconds = 0.0
        repeat {
            let digits = rest.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
            let unit = rest[digits.endIndex...].prefix { $0.isLetter }
            guard let value = number(digits), let length = secondsPerUnit[String(unit)] else { return nil }
            seconds += value * length
            rest = rest[unit.endIndex...]
        } while !rest.isEmpty
        return seconds
    }

    /// Without a sign or an exponent, which `Double` takes.
    private static func number(_ digits: Substring) -> Double? {
        guard digits.allSatisfy({ $0.isASCII && ($0.isNumber || $0 == ".") }) else { return nil }
        return Double(digits)
    }

    private static let secondsPerUnit: [String: Double] = [
        "ns": 1e-9, "us": 1e-6, "µs": 1e-6, "μs": 1e-6, "ms": 0.001, "s": 1, "m": 60, "h": 3600,
    ]

    var description: String {
        let milliseconds = duration / .milliseconds(1)
        if milliseconds < 1000 || milliseconds.truncatingRemainder(dividingBy: 1000) != 0 {
            return "\(Int(milliseconds))ms"
        }
        return "\(Int(milliseconds / 1000))s"
    }
}
