/// When what is asked.
package struct WatchIntervals: Sendable {
    /// From one question about the health to the next, and the longest wait for an answer.
    package var health: Duration
    /// From one look at the slots to the next, without a reason, while something runs in them.
    package var monitoring: Duration
    /// Whether looks at a server in which nothing runs become rarer, so that it may fall asleep. Not for balancers that
    /// can't ask for a look.
    package var restsWhileIdle = true
    /// From the end of one look at the slots to the next, with a reason. llama-server notices that the client of a
    /// non-streaming request has gone only when no task at all ends for a second, and each look is a task. A little more,
    /// since its second begins and ends when its threads get to run.
    package var peace = Duration.milliseconds(1250)
    /// The longest wait for an answer to anything but health. A server that computes a long prompt is late, not dead.
    package var patience = Duration.seconds(10)

    /// For how long nothing may move in the slots that work before the server counts as stuck; nil: for ever.
    package var stuck: Duration?

    package init(
        health: Duration = .seconds(1),
        monitoring: Duration = .seconds(5),
        stuck: Duration? = .seconds(600)
    ) {
        self.health = health
        self.monitoring = monitoring
        self.stuck = stuck
    }

    var rhythm: LookRhythm { LookRhythm(shortest: monitoring, restsWhileIdle: restsWhileIdle) }

    /// From one look at the slots to the next, if neither waits for anything but its answers.
    var longestLook: Duration { monitoring + patience * 3 }

    package func limit(of probe: Probe) -> Duration {
        switch probe {
        case .health: health
        case .props, .models, .slots, .embeddings, .reranking: patience
        }
    }
}
