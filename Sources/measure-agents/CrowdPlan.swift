import NIOCore

/// Who is to connect, and what they say.
struct CrowdPlan: Sendable {
    let agents: Int
    let balancer: SocketAddress
    /// Seconds from one report of an agent to its next.
    let interval: Double
    /// Of each server.
    let slots: Int
    /// In all.
    let models: Int
    let hasOneAddress: Bool

    /// Where an agent connects from; nil: the system chooses.
    ///
    /// - Parameter number: 0...
    func source(of number: Int) throws -> SocketAddress? {
        guard !hasOneAddress else { return nil }
        // 127.1.0.1 and so on: a million of them end before 127.17.
        let number = number + 1
        return try SocketAddress(
            ipAddress: "127.\(1 + number >> 16).\(number >> 8 & 255).\(number & 255)",
            port: 0
        )
    }
}
