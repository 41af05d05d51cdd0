/// Which requests are traced.
public struct TraceSampling: Equatable, Sendable {
    /// Of those that are a part of nobody's trace, from 0 to 1.
    public let fraction: Double

    /// - Parameter fraction: from 0 to 1; what is outside counts as the nearest.
    public init(fraction: Double) {
        self.fraction = min(max(0, fraction), 1)
    }

    /// Who began a trace has decided for all of it: half a trace is of no use.
    ///
    /// - Parameter random: any 64 bits.
    func takes(_ parent: TraceParent?, random: UInt64) -> Bool {
        if let parent { return parent.isSampled }
        // The 53 bits that a Double holds: from 0 to just below 1.
        return Double(random >> 11) * 0x1p-53 < fraction
    }
}
