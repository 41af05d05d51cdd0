import LlamaServer
import Scheduling

/// A llama-server as the world knows it: what it really does, whatever anybody reports.
struct SimulatedServer {
    enum Life {
        case up
        case loading
        case dead
    }

    let address: NetworkAddress
    var life = Life.up
    var total: Int
    /// The names of what it serves; none: it doesn't say.
    var models: [String] = []
    /// What it was started for; nil: it doesn't say.
    var role: ServerRole?
    /// Tokens per slot; nil: it doesn't say.
    var context: Int?
    var weight = 1
    /// Slots that the balancer's requests use, started and not ended.
    var own = 0
    /// Requests whose client has left and that run on.
    var ghosts = 0
    /// Other clients' requests.
    var foreign = 0
    /// Slots that llama-server still shows as processing although the answer is over, and until when.
    var lingering: [Instant] = []
    /// The greatest total that any report about it has shown so far.
    var highestReported = 0

    func processing(at now: Instant) -> Int {
        min(total, own + ghosts + foreign + lingering.count { $0 > now })
    }

    /// No slot lingers for longer than it takes to send the next request.
    mutating func startOwn(_ slots: Int = 1) {
        own += slots
        lingering = []
    }

    mutating func endOwn(_ slots: Int = 1, lingerUntil: Instant, at now: Instant) {
        own -= slots
        lingering.removeAll { $0 <= now }
        lingering += repeatElement(lingerUntil, count: slots)
    }

    mutating func stop(_ life: Life) {
        self.life = life
        own = 0
        ghosts = 0
        foreign = 0
        lingering = []
    }

    var condition: Condition {
        switch life {
        case .up: .ready
        case .loading: .loading
        case .dead: .down("connection refused")
        }
    }
}
