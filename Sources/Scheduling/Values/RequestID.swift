/// One client's request, from its arrival to its end. Made by the shell, unique while the scheduler knows it.
public struct RequestID: Hashable, Sendable {
    public let rawValue: UInt64

    public init(rawValue: UInt64) {
        self.rawValue = rawValue
    }
}
