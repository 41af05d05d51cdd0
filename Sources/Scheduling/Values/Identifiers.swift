/// One client's request, from its arrival to its end. Made by the shell, unique while the scheduler knows it.
public struct RequestID: Hashable, Sendable {
    public let rawValue: UInt64

    public init(rawValue: UInt64) {
        self.rawValue = rawValue
    }
}

/// A place in the queue. A stale one is recognised.
public struct QueueTicket: Hashable, Sendable {
    let index: Int32
    let generation: UInt32
}

extension QueueTicket {
    /// One that never was.
    package static let none = QueueTicket(index: .max, generation: 0)
}

/// One upstream, for as long as the scheduler knows it. That of an upstream forgotten meanwhile is recognised as stale.
public struct UpstreamID: Hashable, Sendable {
    let index: Int32
    let generation: UInt32
}

extension UpstreamID: CustomStringConvertible {
    public var description: String { "\(index).\(generation)" }
}

/// One agent process: a restarted agent has another one.
public struct AgentID: Hashable, Sendable {
    public let rawValue: String

    public init(rawValue: String) {
        self.rawValue = rawValue
    }
}

extension AgentID: CustomStringConvertible {
    public var description: String { rawValue }
}

/// Who shares the fleet with others: a team, a key, an address. The shell numbers them, each the same for as long as it runs.
public struct TenantID: Hashable, Sendable {
    public let number: UInt32

    public init(number: UInt32) {
        self.number = number
    }
}
