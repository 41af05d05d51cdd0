import AccessControl
import Hummingbird
import NIOCore

/// What routes know of a request beyond itself.
struct ManagementContext: RequestContext, Sendable {
    var coreContext: CoreRequestContextStorage
    /// The connection, for those who have to close it under a peer.
    let channel: any Channel
    /// As ``AdmissionMiddleware`` has found out.
    var origin = RequestOrigin.unknown
    var peer = Peer()
    /// As ``AccessMiddleware`` has found out.
    var caller = Caller()

    /// Whether the request came from the machine on which it arrived.
    var isOfThisMachine: Bool {
        guard let client = peer.client else { return false }
        return TrustedProxies.loopback.contains(client)
            || client == channel.localAddress?.ipAddress.flatMap { IPAddress($0) }
    }

    init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        channel = source.channel
    }
}
