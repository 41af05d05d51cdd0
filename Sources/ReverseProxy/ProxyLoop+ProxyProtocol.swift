import AccessControl
import Logging
import NIOCore
import ProxyProtocol

extension ProxyLoop {
    /// Has a connection wait for the header of a proxy in front of us, if there is to be one. Before TLS is put there.
    func expectProxyHeader(on channel: any Channel) throws {
        guard configuration.expectsProxyHeader else { return }
        let front = ProxyHeaderFront(
            trusted: configuration.trustedProxies,
            limit: TimeAmount(configuration.timeouts.requestHead)
        ) { [self] refusal, peer in
            log(refusal, of: peer)
        }
        try channel.pipeline.syncOperations.addHandler(front)
    }

    /// Once in a while: whoever sends none does so with each connection.
    private func log(_ refusal: ProxyHeaderFront.Refusal, of peer: IPAddress?) {
        guard let unsaid = proxyHeaderRefusals.add(at: NIODeadline.now().uptimeNanoseconds) else { return }
        logger.warning(
            "connection closed: \(refusal.reason)",
            metadata: [
                "from": "\(peer.map { "\($0)" } ?? "unknown")", "times": "\(unsaid)", "hint": "\(refusal.hint)",
            ]
        )
    }
}

/// When it is said that connections were closed for want of a header: at most once in ten seconds. A value.
struct ProxyHeaderRefusals {
    private var lastSaid: UInt64?
    private var unsaid = 0

    private static let silence: UInt64 = 10_000_000_000

    /// - Parameter now: in nanoseconds.
    /// - Returns: how many there were since it was said last; nil: it isn't to be said yet.
    mutating func add(at now: UInt64) -> Int? {
        unsaid += 1
        if let lastSaid, now < lastSaid + Self.silence { return nil }
        defer { unsaid = 0 }
        lastSaid = now
        return unsaid
    }
}

extension ProxyHeaderFront.Refusal {
    fileprivate var reason: String {
        switch self {
        case .stranger: "it isn't from a proxy that may write PROXY headers"
        case .late: "no PROXY header came in time"
        case .unreadable(let error): "\(error)"
        }
    }

    fileprivate var hint: String {
        switch self {
        case .stranger:
            "list the load balancer in --trusted-proxies; everybody else is refused with --reverseproxy-proxy-protocol"
        case .late, .unreadable:
            "have the proxy in front send one (HAProxy: send-proxy-v2), or take --reverseproxy-proxy-protocol away"
        }
    }
}
