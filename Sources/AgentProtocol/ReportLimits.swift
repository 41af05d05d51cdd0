/// What a balancer believes at most.
enum ReportLimits {
    static let slots = 0...65536
    static let models = 256
    /// UTF-8 bytes of all names together: even if every byte needs six to be written in JSON, a line holds them.
    static let modelBytes = 8 * 1024
    /// UTF-8 bytes of any other text.
    static let textBytes = 1024
    static let accelerators = 64
    /// UTF-8 bytes of each text about an accelerator.
    static let acceleratorTextBytes = 64
    static let celsius = -273.15...1000.0
    static let contextSize = 0...(1 << 40)
    static let weight = 1...256
    static let bytes = 0...(1 << 50)
    static let promptBytes = 0...(1 << 40)
    static let heartbeatMilliseconds = 50...600_000
    /// Some 31 years: a monotonic clock begins with its machine, and as nanoseconds this fits 64 bits.
    static let milliseconds = 0.0...1e12

    static func check(_ text: String?, _ field: String) throws(ReportError) {
        guard let text, text.utf8.count > textBytes else { return }
        throw .textTooLong(field, limit: textBytes)
    }

    static func check(milliseconds time: Double, _ field: String) throws(ReportError) {
        guard milliseconds ~= time else { throw .outOfRange(field, "\(time)") }
    }

    static func shortened(_ text: String, to limit: Int = textBytes) -> String {
        guard text.utf8.count > limit else { return text }
        // A character cut in two would become a replacement character, which is longer: leave room for it.
        return String(decoding: text.utf8.prefix(limit - 6), as: UTF8.self) + "…"
    }
}

extension ClosedRange {
    func clamp(_ value: Bound) -> Bound {
        Swift.min(Swift.max(value, lowerBound), upperBound)
    }
}
