/// Numbers in few columns.
enum AmountText {
    /// At most five columns: `0`, `3.2`, `412`, `1.2k`, `98.7M`.
    static func number(_ value: Double) -> String {
        switch value {
        case ..<9.95: value == value.rounded() ? whole(value) : oneDecimal(value)
        case ..<999.5: whole(value)
        case ..<999_500: (value < 99_950 ? oneDecimal(value / 1e3) : whole(value / 1e3)) + "k"
        case ..<999_500_000: (value < 99_950_000 ? oneDecimal(value / 1e6) : whole(value / 1e6)) + "M"
        default: "1G+"
        }
    }

    /// In GB, as makers of memory count: `0.4 GB`, `24 GB`.
    static func bytes(_ value: Double) -> String { number(value / 1e9) + " GB" }

    static func percent(_ ratio: Double) -> String { whole(ratio * 100) + "%" }

    static func milliseconds(_ value: Double) -> String {
        value < 999.5 ? whole(value) + " ms" : value < 99_950 ? oneDecimal(value / 1e3) + " s" : seconds(value / 1e3)
    }

    /// One unit: `<1 s`, `12 s`, `5 min`, `3 h`, `12 d`.
    static func seconds(_ value: Double) -> String {
        switch value {
        case ..<1: "<1 s"
        case ..<100: down(value) + " s"
        case ..<6000: down(value / 60) + " min"
        case ..<172_800: down(value / 3600) + " h"
        default: down(value / 86400) + " d"
        }
    }

    /// Two units: `3 h 12 min`.
    static func uptime(_ value: Double) -> String {
        let minutes = Int(min(max(value, 0), 1e12)) / 60
        let (hours, days) = (minutes / 60, minutes / 1440)
        if days > 0 { return "\(days) d \(hours % 24) h" }
        if hours > 0 { return "\(hours) h \(minutes % 60) min" }
        return minutes > 0 ? "\(minutes) min" : "\(whole(value)) s"
    }

    static func count(_ count: Int, _ one: String, _ many: String) -> String {
        "\(count) \(count == 1 ? one : many)"
    }

    private static func whole(_ value: Double) -> String { String(Int(min(max(value, 0), 1e15).rounded())) }

    private static func down(_ value: Double) -> String { String(Int(min(max(value, 0), 1e15))) }

    private static func oneDecimal(_ value: Double) -> String {
        let tenths = Int((min(max(value, 0), 1e15) * 10).rounded())
        return tenths == 0 ? "0" : "\(tenths / 10).\(tenths % 10)"
    }
}
