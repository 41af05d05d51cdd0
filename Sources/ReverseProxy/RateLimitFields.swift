import AccessControl
import LlamaServer
import RequestRecords

/// What is left of a tenant's budget, in the fields by which clients of an API know it.
enum RateLimitFields {
    /// Room for both meters.
    private static let usualLength = 256

    /// - Parameter now: seconds since 1970-01-01T00:00:00Z.
    static func lines(_ status: BudgetStatus, _ dialect: Dialect, at now: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(usualLength)
        if let meter = status.requests { write(meter, "requests", dialect, at: now, into: &bytes) }
        if let meter = status.tokens { write(meter, "tokens", dialect, at: now, into: &bytes) }
        return bytes
    }

    private static func write(
        _ meter: BudgetStatus.Meter,
        _ name: StaticString,
        _ dialect: Dialect,
        at now: Int,
        into bytes: inout [UInt8]
    ) {
        switch dialect {
        case .anthropic:
            bytes.put("anthropic-ratelimit-", name, "-limit: ")
            bytes.writeDecimal(UInt64(meter.limit))
            bytes.put("\r\nanthropic-ratelimit-", name, "-remaining: ")
            bytes.writeDecimal(UInt64(meter.left))
            bytes.put("\r\nanthropic-ratelimit-", name, "-reset: ")
            writeTimestamp(now + seconds(meter.untilFull), into: &bytes)
        case .openAI, .native:
            bytes.put("x-ratelimit-limit-", name, ": ")
            bytes.writeDecimal(UInt64(meter.limit))
            bytes.put("\r\nx-ratelimit-remaining-", name, ": ")
            bytes.writeDecimal(UInt64(meter.left))
            bytes.put("\r\nx-ratelimit-reset-", name, ": ")
            writeDuration(meter.untilFull, into: &bytes)
        }
        bytes.put("\r\n")
    }

    /// Rounded up: who waits as long as it is told gets in.
    static func seconds(_ nanoseconds: Int64) -> Int {
        Int((max(0, nanoseconds) + 999_999_999) / 1_000_000_000)
    }

    /// As OpenAI writes them: `0s`, `20ms`, `1s`, `6m0s`, `1h2m3s`.
    private static func writeDuration(_ nanoseconds: Int64, into bytes: inout [UInt8]) {
        guard nanoseconds <= 0 || nanoseconds >= 1_000_000_000 else {
            bytes.writeDecimal(UInt64(nanoseconds + 999_999) / 1_000_000)
            return bytes.put("ms")
        }
        let seconds = UInt64(seconds(nanoseconds))
        if seconds >= 3600 {
            bytes.writeDecimal(seconds / 3600)
            bytes.put("h")
        }
        if seconds >= 60 {
            bytes.writeDecimal(seconds / 60 % 60)
            bytes.put("m")
        }
        bytes.writeDecimal(seconds % 60)
        bytes.put("s")
    }

    /// RFC 3339.
    private static func writeTimestamp(_ seconds: Int, into bytes: inout [UInt8]) {
        bytes.append(contentsOf: "\(CivilDate(secondsSince1970: seconds))".utf8)
        bytes.put("T")
        bytes.writeDecimal(UInt64(seconds / 3600 % 24), digits: 2)
        bytes.put(":")
        bytes.writeDecimal(UInt64(seconds / 60 % 60), digits: 2)
        bytes.put(":")
        bytes.writeDecimal(UInt64(seconds % 60), digits: 2)
        bytes.put("Z")
    }
}

extension [UInt8] {
    fileprivate mutating func put(_ first: StaticString, _ second: StaticString = "", _ third: StaticString = "") {
        put(one: first)
        put(one: second)
        put(one: third)
    }

    private mutating func put(one text: StaticString) {
        append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }
}
