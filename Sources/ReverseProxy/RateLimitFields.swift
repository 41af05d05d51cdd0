import AccessControl
import LlamaServer

/// What is left of a tenant's budget, in the fields by which clients of an API know it.
enum RateLimitFields {
    /// - Parameter now: seconds since 1970-01-01T00:00:00Z.
    static func lines(_ status: BudgetStatus, _ dialect: Dialect, at now: Int) -> [UInt8] {
        var text = ""
        for (name, meter) in [("requests", status.requests), ("tokens", status.tokens)] {
            guard let meter else { continue }
            switch dialect {
            case .anthropic:
                text += "anthropic-ratelimit-\(name)-limit: \(meter.limit)\r\n"
                text += "anthropic-ratelimit-\(name)-remaining: \(meter.left)\r\n"
                text += "anthropic-ratelimit-\(name)-reset: \(timestamp(now + seconds(meter.untilFull)))\r\n"
            case .openAI, .native:
                text += "x-ratelimit-limit-\(name): \(meter.limit)\r\n"
                text += "x-ratelimit-remaining-\(name): \(meter.left)\r\n"
                text += "x-ratelimit-reset-\(name): \(duration(meter.untilFull))\r\n"
            }
        }
        return Array(text.utf8)
    }

    /// Rounded up: who waits as long as it is told gets in.
    static func seconds(_ nanoseconds: Int64) -> Int {
        Int((max(0, nanoseconds) + 999_999_999) / 1_000_000_000)
    }

    /// As OpenAI writes them: `0s`, `20ms`, `1s`, `6m0s`, `1h2m3s`.
    private static func duration(_ nanoseconds: Int64) -> String {
        guard nanoseconds > 0 else { return "0s" }
        guard nanoseconds >= 1_000_000_000 else { return "\((nanoseconds + 999_999) / 1_000_000)ms" }
        let seconds = seconds(nanoseconds)
        var text = seconds >= 3600 ? "\(seconds / 3600)h" : ""
        if seconds >= 60 { text += "\(seconds / 60 % 60)m" }
        return text + "\(seconds % 60)s"
    }

    /// RFC 3339.
    private static func timestamp(_ seconds: Int) -> String {
        func padded(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        let time = [seconds / 3600 % 24, seconds / 60 % 60, seconds % 60].map(padded).joined(separator: ":")
        return "\(CivilDate(secondsSince1970: seconds))T\(time)Z"
    }
}
