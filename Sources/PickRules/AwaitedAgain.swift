package import NIOCore

/// Requests whose attempt failed, between that attempt's stream and the one of the next: what the next one will find.
///
/// Meanwhile they keep the place in the queue, or the slot, that the scheduler gave them when the attempt failed.
package struct AwaitedAgain<Request> {
    private var requests: [String: (request: Request, until: NIODeadline)] = [:]

    /// How long Envoy may take to come again. It does within 25 ms as a rule, and within a second where it backs off; a client
    /// that has left meanwhile never comes.
    package static var patience: TimeAmount { .seconds(2) }

    package init() {}

    package var isEmpty: Bool { requests.isEmpty }
    package var count: Int { requests.count }

    /// - Returns: the one that was kept under this name before; nobody will come for that any more.
    package mutating func keep(_ request: Request, as id: String, at now: NIODeadline) -> Request? {
        requests.updateValue((request, now + Self.patience), forKey: id)?.request
    }

    /// - Returns: nil: there is none.
    package mutating func take(_ id: String) -> Request? {
        requests.removeValue(forKey: id)?.request
    }

    /// Takes those for which nobody has come.
    package mutating func takeOverdue(at now: NIODeadline) -> [Request] {
        guard !requests.isEmpty else { return [] }
        let overdue = requests.filter { $0.value.until <= now }
        for id in overdue.keys { requests[id] = nil }
        return overdue.values.map(\.request)
    }

    package mutating func takeAll() -> [Request] {
        defer { requests = [:] }
        return requests.values.map(\.request)
    }
}
