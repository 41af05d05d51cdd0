/// The heads with a status of 1xx that an upstream may send before its answer: they announce it, and none says how many
/// follow.
struct InterimHeads: Sendable {
    private var count = 0
    private var bytes = 0

    /// More than any server has a use for.
    private static let maximumCount = 64
    /// As large as a single head may be.
    private static let maximumBytes = 64 << 10

    /// - Returns: false when they are too many.
    mutating func mayCome(_ length: Int) -> Bool {
        count += 1
        bytes += length
        return count <= Self.maximumCount && bytes <= Self.maximumBytes
    }
}
