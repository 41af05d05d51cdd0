/// Records on their way to the access log. What doesn't fit is counted.
struct RecordQueue {
    private var records: [RequestRecord] = []
    private(set) var lost = 0

    private let most: Int

    /// - Parameter most: that may wait.
    init(most: Int) {
        self.most = most
    }

    /// Whether they are so many that it is worth to begin.
    var isFilling: Bool { records.count >= most / 8 }

    mutating func add(_ record: borrowing RequestRecord) {
        guard records.count < most else {
            lost += 1
            return
        }
        records.append(copy record)
    }

    /// So many lines could not be written.
    mutating func lose(_ count: Int) {
        lost += count
    }

    mutating func takeAll() -> [RequestRecord] {
        defer { records = [] }
        return records
    }
}
