import NIOCore
import Scheduling

/// A client's request, as its Envoy has it.
final class EnvoyClient {
    enum State {
        /// Its next attempt follows.
        case pausing(until: Instant)
        case trying(EnvoyAttempt)
        case ended(End)
    }

    enum End {
        /// It has a server's answer, all of it.
        case whole
        /// It has a part of one.
        case cut
        /// The balancer has answered it.
        case refused
        /// It was told that its attempt came to nothing, by Envoy or a server.
        case failed
        /// It has gone itself.
        case left
    }

    let number: Int
    let envoy: Int
    let kind: EnvoyKind
    let demand: RequestDemand
    /// nil: it has none.
    let body: ByteBuffer?
    /// Behind the body.
    let hasTrailers: Bool
    /// Another client's request, for which it gives itself out; nil: it doesn't.
    let claims: String?
    var state: State
    var attempts = 0

    /// What Envoy calls it, in all its attempts.
    var id: String { "e\(number)" }

    var hasEnded: Bool {
        if case .ended = state { true } else { false }
    }

    init(
        _ number: Int,
        of envoy: Int,
        _ kind: EnvoyKind,
        _ demand: RequestDemand,
        body: ByteBuffer?,
        hasTrailers: Bool,
        claims: String?,
        at now: Instant
    ) {
        self.number = number
        self.envoy = envoy
        self.kind = kind
        self.demand = demand
        self.body = body
        self.hasTrailers = hasTrailers
        self.claims = claims
        state = .pausing(until: now)
    }
}
