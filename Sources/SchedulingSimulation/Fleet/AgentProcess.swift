import AgentProtocol
import AgentRules
import LlamaServer
import Scheduling

/// An agent: the product's rules, and what surrounds them.
struct AgentProcess {
    let id: AgentID
    /// The server that it watches.
    let server: Int
    let heartbeat: Duration

    var watch: LlamaServerWatch
    var news = LinkNews()
    var state = AgentState(links: 1)
    var backoff = Backoff()
    /// The present connection to the balancer.
    var connection: Int?
    var lines = MessageLines()
    var wasWelcome = false

    var isAlive = true
    /// What happens to it happens then.
    var suspendedUntil = Instant(nanoseconds: .min)
    /// Its clock is so far ahead of the balancer's.
    var ahead: Duration
    /// Its clock has shown times that nobody has waited for.
    var hasJumped = false
    /// When its timer fires.
    var timer: Instant?
    /// It is about to stop, or will be when it isn't suspended any more.
    var isToldToStop = false
    /// It was told that nothing runs when another agent spoke for its server, as far as the balancer knew.
    var isReplaced = false

    func clock(at now: Instant) -> Duration {
        now - Instant(nanoseconds: 0) + ahead
    }
}
