import HTTPFraming
import LlamaServer
import NIOCore
import Scheduling

/// What is known of the request that a connection is busy with.
struct ProxiedRequest {
    let id: RequestID
    let identifier: RequestIdentifier
    let method: RequestMethod
    let version: HTTPVersion
    /// How llama-server, and so we, would say an error within a stream; nil for a request that occupies no slot.
    let dialect: Dialect?
    /// Whether the client's connection may carry another request after this one.
    var keepsAlive: Bool
    /// Whether the client said so itself that it may not.
    let isLast: Bool
    /// Whether its client is told which upstream answered.
    var isTraced = false
    /// The `Origin` of the page that asks; nil: it isn't a page of another site.
    var origin: [UInt8]?
    /// Whether it was let in without a key, since what it asks for is public.
    var isWithoutKey = false
    /// From when its head was read until an answer begins.
    var message: RequestMessage?
    /// How often a request that needs no slot was tried.
    var freeAttempts = 0
    /// Why there was no connection for it, when that was tried last; for who has to be told that there is no answer.
    var lastFailure: String?
    /// Since when the balancer has lacked what it takes to open a connection for it.
    var withoutMeansSince: NIODeadline?
    /// Whether a reused connection broke under it once already.
    var wasGivenFreshConnection = false
    /// When it was whole.
    var submittedAt = NIODeadline.uptimeNanoseconds(0)
    /// When it was last sent.
    var sentAt = NIODeadline.uptimeNanoseconds(0)
    /// Whether the balancer began its answer, a stream, since nobody else did.
    var hasOwnStart = false
    /// When its client was last told that it isn't forgotten.
    var keptAliveAt: NIODeadline?
}

/// Where a request goes.
enum Target {
    /// It occupies a slot, until the lease is given back.
    case slot(Lease)
    /// It occupies none.
    case free(UpstreamID, UpstreamRoute)

    var upstream: UpstreamID {
        switch self {
        case .slot(let lease): lease.upstream
        case .free(let upstream, _): upstream
        }
    }

    var route: UpstreamRoute {
        switch self {
        case .slot(let lease): lease.route
        case .free(_, let route): route
        }
    }
}
