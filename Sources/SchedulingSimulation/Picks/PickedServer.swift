import LlamaServer

/// A llama-server that Envoys send requests to.
struct PickedServer {
    enum Life {
        case up
        /// It answers 503 to everything.
        case loading
        /// Nobody listens.
        case dead
    }

    /// A request in its slots.
    final class Run {
        let attempt: EnvoyAttempt
        let slots: Int
        /// It goes on although nobody takes its answer, until it looks.
        var isForsaken = false

        init(_ attempt: EnvoyAttempt, slots: Int) {
            self.attempt = attempt
            self.slots = slots
        }
    }

    let address: NetworkAddress
    let slots: Int
    var life = Life.up
    var running: [Run] = []

    var processing: Int { running.reduce(0) { $0 + $1.slots } }
}
