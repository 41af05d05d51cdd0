import Scheduling

/// A llama-server in whose slots nothing moves any more, although it is healthy.
struct StillServer {
    let since: Instant
    /// Newer builds show their slots while they compute, others don't.
    let showsSlots: Bool

    /// An agent that nothing keeps from looking has found out and said so after this time, which is made of looks that
    /// each come some seconds after the last one.
    var longestUnnoticed: Duration { showsSlots ? .seconds(35) : .seconds(55) }
}
