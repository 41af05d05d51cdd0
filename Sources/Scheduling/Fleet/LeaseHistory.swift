/// How many leases each upstream had in the recent past, for samples that are old when they arrive.
///
/// Per upstream a ring of time buckets, one for each of the last 64 buckets in which something changed: O(1) per
/// change, and what an upstream at rest had is known for as long as it rests.
struct LeaseHistory: Sendable {
    /// A moment, rounded down.
    typealias Bucket = Int64

    /// The most leases that there were at one time, and where that window began.
    struct HighWater: Sendable {
        var leases: Int
        var firstBucket: Bucket
    }

    private struct Entry: Sendable {
        var bucket: Bucket = 0
        var highest: Int32 = 0
        var atEnd: Int32 = 0
    }

    private struct Ring: Sendable {
        var newest: Int32 = 0
        var count: Int32 = 0
        /// What was before is unknown.
        var begin: Bucket
    }

    private static let bucketLength: Int64 = 50_000_000
    private static let bucketCount = 64
    /// How far a sample's clock may be off, and how long llama-server may take to show that a slot is free.
    private static let tolerance = Nanoseconds(count: 100_000_000)

    /// 64 for each upstream, in one array: no array of arrays on the way of a request.
    private var entries: [Entry] = []
    private var rings: [Ring] = []

    static func bucket(of instant: Instant) -> Bucket {
        instant.nanoseconds / bucketLength
    }

    /// Begins anew, at no leases.
    /// - Parameter begin: when there may have been some before.
    mutating func reset(_ upstream: Int, from begin: Instant) {
        let ring = Ring(begin: Self.bucket(of: begin))
        if upstream == rings.count {
            rings.append(ring)
            entries.append(contentsOf: repeatElement(Entry(), count: Self.bucketCount))
        } else {
            rings[upstream] = ring
        }
    }

    mutating func note(_ upstream: Int, from before: Int, to after: Int, at now: Instant) {
        let bucket = Self.bucket(of: now)
        let base = upstream * Self.bucketCount
        let newest = base + Int(rings[upstream].newest)
        if rings[upstream].count > 0, entries[newest].bucket == bucket {
            entries[newest].highest = max(entries[newest].highest, Int32(after))
            entries[newest].atEnd = Int32(after)
            return
        }
        let next = (Int(rings[upstream].newest) + 1) % Self.bucketCount
        entries[base + next] = Entry(bucket: bucket, highest: Int32(max(before, after)), atEnd: Int32(after))
        rings[upstream].newest = Int32(next)
        rings[upstream].count = min(rings[upstream].count + 1, Int32(Self.bucketCount))
    }

    /// The high-water mark over the time in which a sample may have been taken.
    ///
    /// The most and not the exact number: a lease counted too much hides another client's request for one sample, one
    /// counted too few would invent a client and leave a slot unused.
    /// - Returns: nil when that time is older than the ring.
    func highWater(_ upstream: Int, during taken: ClosedRange<Instant>) -> HighWater? {
        let first = Self.bucket(of: taken.lowerBound.advanced(by: .zero - Self.tolerance))
        let last = Self.bucket(of: taken.upperBound)
        let ring = rings[upstream]
        var leases: Int32 = 0
        for age in 0..<Int(ring.count) {
            let position = (Int(ring.newest) - age + Self.bucketCount) % Self.bucketCount
            let entry = entries[upstream * Self.bucketCount + position]
            if entry.bucket > last { continue }
            guard entry.bucket >= first else {
                return HighWater(leases: Int(max(leases, entry.atEnd)), firstBucket: first)
            }
            leases = max(leases, entry.highest)
        }
        guard ring.count < Self.bucketCount, first > ring.begin else { return nil }
        return HighWater(leases: Int(leases), firstBucket: first)
    }
}
