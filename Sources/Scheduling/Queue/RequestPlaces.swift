/// Where each request that waits is in its queue, by request. One for all queues: a request waits in one of them at most.
struct RequestPlaces: Sendable {
    /// What a queue consists of.
    enum Part: Equatable, Sendable {
        case ring
        case wide
        /// Of those that came back.
        case group(Int)
    }

    /// Where it is in its part; -1: it waits in no queue.
    var positions: [Int32] = []
    /// Where it is among the deadlines of those that aren't in a ring; -1: nowhere.
    var deadlines: [Int32] = []
    /// Meaningful for those that wait: -1 the ring, -2 those that take several slots, else the number of the group.
    private var parts: [Int32] = []

    func contains(_ request: Int) -> Bool {
        request < positions.count && positions[request] >= 0
    }

    /// nil: it waits in no queue.
    func part(of request: Int) -> Part? {
        guard contains(request) else { return nil }
        return switch parts[request] {
        case -1: .ring
        case -2: .wide
        case let group: .group(Int(group))
        }
    }

    /// To be called before the request is put there.
    mutating func place(_ request: Int, in part: Part) {
        while positions.count <= request {
            positions.append(-1)
            deadlines.append(-1)
            parts.append(0)
        }
        parts[request] =
            switch part {
            case .ring: -1
            case .wide: -2
            case .group(let group): Int32(group)
            }
    }
}
