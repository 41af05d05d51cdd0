import Scheduling

/// `GET /api/v1/buffered_requests`.
struct BufferedRequestsReply: Codable, Equatable {
    /// How many requests wait for a slot now.
    let count: Int
    /// How many may.
    let maximum: Int
    /// How long the one that came first has waited; null when none waits.
    @NullWhenNil var oldestWaitMilliseconds: Int?

    init(_ snapshot: FleetSnapshot) {
        count = snapshot.queued
        maximum = snapshot.maximumQueued
        oldestWaitMilliseconds = snapshot.oldestWait.map { Int($0 / .milliseconds(1)) }
    }

    enum CodingKeys: String, CodingKey {
        case count = "buffered_requests_count"
        case maximum
        case oldestWaitMilliseconds = "oldest_wait_ms"
    }
}
