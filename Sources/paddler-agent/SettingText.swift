import LlamaServer

/// How the texts of settings are read, as by `paddler agent`.
enum SettingText {
    static func text(_ text: String) throws(SettingMistake) -> String {
        guard !text.isEmpty else { throw SettingMistake("is empty") }
        return text
    }

    /// Complaints don't show it.
    static func secret(_ text: String) throws(SettingMistake) -> String {
        guard !text.isEmpty else { throw SettingMistake("is empty") }
        guard text.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }), text.first != " ", text.last != " " else {
            throw SettingMistake("has white space around it or a control character in it")
        }
        return text
    }

    /// - Returns: whether it is TLS.
    static func isSecure(scheme text: String) throws(SettingMistake) -> Bool {
        switch text {
        case "http": false
        case "https": true
        default: throw SettingMistake("\"\(text)\" is neither http nor https")
        }
    }

    static func pathPrefix(_ text: String) throws(SettingMistake) -> PathPrefix {
        guard let prefix = PathPrefix(text) else {
            throw SettingMistake("\"\(text)\" is not the beginning of a path; write for example /llm")
        }
        return prefix
    }

    static func weight(_ text: String) throws(SettingMistake) -> Int {
        guard let number = Int(text) else { throw SettingMistake("\"\(text)\" is not a whole number") }
        guard 1...256 ~= number else { throw SettingMistake("must be from 1 to 256") }
        return number
    }

    static func choice<Choice: RawRepresentable<String> & CaseIterable>(
        _ text: String
    ) throws(SettingMistake) -> Choice {
        guard let choice = Choice(rawValue: text) else {
            let all = Choice.allCases.map(\.rawValue).joined(separator: ", ")
            throw SettingMistake("\"\(text)\" is none of \(all)")
        }
        return choice
    }

    /// `500ms`, `10s`, `2m`, `1m30s`, `1h`; a bare number is seconds.
    static func duration(_ text: String) throws(SettingMistake) -> Duration {
        guard let seconds = seconds(text), seconds <= 365 * 24 * 3600 else {
            throw SettingMistake(
                "\"\(text)\" is not a duration; write for example 500ms, 10s or 2m (a bare number is seconds)"
            )
        }
        return .seconds(seconds)
    }

    private static let secondsPerUnit = [
        "ns": 1e-9, "us": 1e-6, "µs": 1e-6, "μs": 1e-6, "ms": 0.001, "s": 1, "m": 60, "h": 3600,
    ]

    private static func seconds(_ text: String) -> Double? {
        if let number = number(text[...]) { return number }
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
}
