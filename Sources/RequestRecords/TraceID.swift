/// Which trace a request is a part of: the `trace-id` of W3C Trace Context 3.2.2.3.
public struct TraceID: Hashable, Sendable {
    public let high: UInt64
    public let low: UInt64

    /// - Parameters:
    ///   - high: the first 16 of its hexadecimal digits.
    ///   - low: the others; not zero if `high` is.
    public init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }
}
