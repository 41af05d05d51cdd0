/// What a W3C `traceparent` says: of which trace a request is a part, below which span, and whether that trace is recorded.
public struct TraceParent: Hashable, Sendable {
    public let trace: TraceID
    public let span: SpanID
    public let isSampled: Bool

    /// W3C Trace Context 3.2.2: version, trace, parent and flags, in lower-case hexadecimal digits, with dashes between them.
    /// A version that isn't known yet may have more behind that. No trace is all zeros, and no version is `ff`.
    ///
    /// - Returns: nil when it is none.
    public init?(_ value: borrowing Span<UInt8>) {
        guard value.count >= Self.length, Self.dashes.allSatisfy({ value[$0] == UInt8(ascii: "-") }),
            let version = value.hex(0..<2), version != 0xFF,
            value.count == Self.length || version > 0 && value[Self.length] == UInt8(ascii: "-"),
            let high = value.hex(3..<19), let low = value.hex(19..<35), high | low != 0,
            let parent = value.hex(36..<52), parent != 0, let flags = value.hex(53..<55)
        else { return nil }
        trace = TraceID(high: high, low: low)
        span = SpanID(parent)
        isSampled = flags & 1 == 1
    }

    private static let dashes = [2, 35, 52]
    /// In bytes.
    private static let length = 55
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
