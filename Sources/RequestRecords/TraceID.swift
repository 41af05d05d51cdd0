/// Which trace a request is a part of: the `trace-id` of a W3C `traceparent`.
public struct TraceID: Hashable, Sendable {
    public let high: UInt64
    public let low: UInt64

    /// W3C Trace Context 3.2.2: version, trace, parent and flags, in lower-case hexadecimal digits, with dashes between them.
    /// A version that isn't known yet may have more behind that. No trace is all zeros, and no version is `ff`.
    ///
    /// - Returns: nil when it is none.
    public init?(traceparent value: borrowing Span<UInt8>) {
        guard value.count >= 55, Self.dashes.allSatisfy({ value[$0] == UInt8(ascii: "-") }),
            let version = value.hex(0..<2), version != 0xFF,
            value.count == 55 || version > 0 && value[55] == UInt8(ascii: "-"),
            let high = value.hex(3..<19), let low = value.hex(19..<35), high | low != 0,
            let parent = value.hex(36..<52), parent != 0, value.hex(53..<55) != nil
        else { return nil }
        self.high = high
        self.low = low
    }

    private static let dashes = [2, 35, 52]
}

extension Span<UInt8> {
    fileprivate borrowing func hex(_ range: Range<Int>) -> UInt64? {
        var number: UInt64 = 0
        for index in range {
            let digit: UInt8
            switch self[index] {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = self[index] - UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = self[index] - UInt8(ascii: "a") + 10
            default: return nil
            }
            number = number << 4 | UInt64(digit)
        }
        return number
    }
}
