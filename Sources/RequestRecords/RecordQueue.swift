/// Records on their way to the access log, or to be traced. What doesn't fit is counted.
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

    /// - Returns: false if it doesn't fit.
    @discardableResult
    mutating func add(_ record: borrowing RequestRecord) -> Bool {
        guard records.count < most else {
            lost += 1
            return false
        }
        records.append(copy record)
        return true
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
