/// The last requests that ended on one event loop.
public struct RecentRequests {
    /// Of all loops together so many are told; any one of them may have had them all.
    public static let most = 1000

    private var records: [RequestRecord] = []
    /// Where the next one goes: the oldest stands there, once there are enough.
    private var next = 0

    public init() {}

    public mutating func add(_ record: borrowing RequestRecord) {
        if records.count < Self.most {
            records.append(copy record)
        } else {
            records[next] = copy record
        }
        next = next + 1 == Self.most ? 0 : next + 1
    }

    public var newestFirst: [RequestRecord] {
        let split = records.count < Self.most ? 0 : next
        return (records[split...] + records[..<split]).reversed()
    }
}
