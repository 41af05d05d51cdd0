#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// Writes moments as RFC 3339 has them. The day of the one before is used again: the calendar is asked once a day.
struct UTCDay {
    private var number: Int64 = .min
    private var text: [UInt8] = []

    private static let nanoseconds: Int64 = 86_400_000_000_000

    /// `2026-11-30T04:11:23.250Z`.
    ///
    /// - Parameter time: in nanoseconds since 1970; before it counts as 1970.
    mutating func write(_ time: Int64, into bytes: inout [UInt8]) {
        let time = max(0, time)
        let day = time / Self.nanoseconds
        if day != number { begin(day) }
        let milliseconds = UInt64(time % Self.nanoseconds) / 1_000_000
        bytes.append(contentsOf: text)
        bytes.append(UInt8(ascii: "T"))
        bytes.writeDecimal(milliseconds / 3_600_000, digits: 2)
        bytes.append(UInt8(ascii: ":"))
        bytes.writeDecimal(milliseconds / 60_000 % 60, digits: 2)
        bytes.append(UInt8(ascii: ":"))
        bytes.writeDecimal(milliseconds / 1000 % 60, digits: 2)
        bytes.append(UInt8(ascii: "."))
        bytes.writeDecimal(milliseconds % 1000, digits: 3)
        bytes.append(UInt8(ascii: "Z"))
    }

    private mutating func begin(_ day: Int64) {
        number = day
        var moment = time_t(day * 86_400)
        var parts = tm()
        gmtime_r(&moment, &parts)
        text.removeAll(keepingCapacity: true)
        text.writeDecimal(UInt64(1900 + parts.tm_year), digits: 4)
        text.append(UInt8(ascii: "-"))
        text.writeDecimal(UInt64(parts.tm_mon + 1), digits: 2)
        text.append(UInt8(ascii: "-"))
        text.writeDecimal(UInt64(parts.tm_mday), digits: 2)
    }
}
