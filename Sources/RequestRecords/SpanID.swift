/// A step of a trace: the `parent-id` of W3C Trace Context 3.2.2.4.
public struct SpanID: Hashable, Sendable {
    public let rawValue: UInt64

    /// - Parameter rawValue: any number; 0, which is no id, counts as 1.
    public init(_ rawValue: UInt64) {
        self.rawValue = max(1, rawValue)
    }

    /// The id of a step below this one: another one for each number, and no nearer to it than a random one would be. So one
    /// random number is enough for all spans of a request.
    ///
    /// - Parameter number: from 0.
    public func child(_ number: Int) -> SpanID {
        // As SplitMix64 makes numbers of a seed: one-to-one.
        var bits = rawValue &+ (UInt64(number) &+ 1) &* 0x9E37_79B9_7F4A_7C15
        bits = (bits ^ (bits >> 30)) &* 0xBF58_476D_1CE4_E5B9
        bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
        return SpanID(bits ^ (bits >> 31))
    }
}
