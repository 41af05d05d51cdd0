extension Duration {
    /// Why a text is none, after the text itself.
    package static let settingMistake =
        "is not a duration; write for example 500ms, 10s or 2m (a bare number is seconds)"

    /// Longer than any process lives, and small enough that nanoseconds don't overflow when spans are added.
    private static let longestSetting = 365.0 * 24 * 3600

    /// As people write it: `500ms`, `10s`, `2m`, `1m30s`, `1h`; a bare number is seconds.
    ///
    /// - Returns: nil if it is something else, or longer than a year.
    package init?(setting text: String) {
        guard let seconds = Self.seconds(text), seconds <= Self.longestSetting else { return nil }
        self = .seconds(seconds)
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
}
