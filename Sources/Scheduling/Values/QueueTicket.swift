/// A place in the queue. A stale one is recognised.
public struct QueueTicket: Hashable, Sendable {
    let index: Int32
    let generation: UInt32
}

extension QueueTicket {
    /// One that never was.
    package static let none = QueueTicket(index: .max, generation: 0)
}
