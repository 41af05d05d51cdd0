import ExtProcMessages
import ProxyExchange
import Scheduling

/// A request as the balancer has it: over one attempt, or several.
final class PickedRequest {
    enum Transport {
        case stream(EnvoyAttempt)
        /// Between two attempts, since when, and what its client is answered when the next one comes.
        case awaited(since: Instant, answer: ProcessingResponse.ImmediateResponse?)
        case none
    }

    /// Whose it is, which the balancer doesn't know.
    let client: EnvoyClient
    let loop: Int
    var exchange: Exchange
    var transport: Transport
    /// Of the server's answer; 0: there is none.
    var status = 0
    /// Nothing is held for it any more.
    var hasEnded = false
    /// How often a server has broken it off, as the servers know.
    var breaks = 0

    init(of client: EnvoyClient, on loop: Int, _ exchange: Exchange, over attempt: EnvoyAttempt) {
        self.client = client
        self.loop = loop
        self.exchange = exchange
        transport = .stream(attempt)
    }

    var isAwaited: Bool {
        if case .awaited = transport { true } else { false }
    }

    var isQueued: Bool {
        if case .queued = exchange.state { true } else { false }
    }
}
