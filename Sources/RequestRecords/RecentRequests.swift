/// The last requests that ended on one event loop.
public struct RecentRequests {
    /// Of all loops together so many are told; any one of them may have had them all.
    public static let most = 1000

    private var records: [RequestRecord] = []
    /// Where the next one goes: the oldest stands there, once there are enough.
    private var next = 0

    public init() {}

    /// Takes it in the place of the oldest, which the caller gets for it: nothing is copied, once there are enough.
    ///
    /// - Parameter record: any one afterwards.
    public mutating func take(_ record: inout RequestRecord) {
        if records.count < Self.most {
            records.append(record)
        } else {
            swap(&records[next], &record)
        }
        next = next + 1 == Self.most ? 0 : next + 1
    }

    public var newestFirst: [RequestRecord] {
        let split = records.count < Self.most ? 0 : next
        return (records[split...] + records[..<split]).reversed()
    }
}
