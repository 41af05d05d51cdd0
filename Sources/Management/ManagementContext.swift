import Hummingbird
import NIOCore

/// What routes know of a request beyond itself.
struct ManagementContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    /// The connection, for those who have to close it under a peer.
    let channel: any Channel
    /// As ``AdmissionMiddleware`` has found out.
    var origin = RequestOrigin.unknown
    var peer = Peer()
    /// As ``AccessMiddleware`` has found out.
    var caller = Caller()

    init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        channel = source.channel
    }
}
