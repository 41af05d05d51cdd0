/// An upstream's place in the order of picking; less is better.
package struct UpstreamRank: Comparable, Sendable {
    /// 2 bits of class, 20 of the first measure, 20 of the second.
    var measures: UInt64
    /// Decides between equals: 44 bits of when it was picked last, 20 of index.
    var turn: UInt64

    package static let last = UpstreamRank(measures: .max, turn: .max)

    @inline(__always)
    package static func < (one: UpstreamRank, other: UpstreamRank) -> Bool {
        one.measures == other.measures ? one.turn < other.turn : one.measures < other.measures
    }
}
