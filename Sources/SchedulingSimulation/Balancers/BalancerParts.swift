import AgentProtocol
import AgentReception
import AgentRules
import LlamaServer
import Scheduling

/// One of several balancers: the product's rules, and the requests that came to it.
struct BalancerProcess {
    var scheduler: Scheduler
    /// What it hashes prompts with.
    var promptSeed: PromptSeed
    var registry = SpeakingConnections()
    /// Whose connection is told what the scheduler has to say to an agent.
    var speakers: [AgentID: Int] = [:]
    /// When an agent of each server last came or went. Samples of before tell nothing of who is a stranger.
    var changes: [Int: Instant] = [:]
    var isAlive = true
    /// How often it has died.
    var life = 0
    /// When its timer fires.
    var timer: Instant?
}

/// The agent of one server, with a link to each balancer.
struct SharedAgent {
    let id: AgentID
    var leases: SharedLeases
    var prompts: SharedPrompts
    /// The present connection to each balancer.
    var connections: [Int?]
    var status: ServerStatus?
    var samples = 0
    var isLooking = false
    var isLookPlanned: Instant?
    var lastLook: (began: Instant, ended: Instant)?
    /// Its clock is so far ahead.
    let ahead: Duration

    func clock(at now: Instant) -> Duration {
        now - Instant(nanoseconds: 0) + ahead
    }
}

/// A connection between an agent and a balancer: both ends, and the network between them.
struct SharedConnection {
    /// By its server's number, and its own.
    let server: Int
    let agent: AgentID
    let balancer: Int
    /// The balancer's life in which it was opened.
    let life: Int
    var words = UplinkWords()
    var lines = MessageLines()
    var conversation: AgentConversation
    var number: SpeakingConnections.Number?
    var unsaid = UnsaidWords()
    var isOpenForAgent = true
    var isOpenForBalancer = true
    /// What is said arrives no more.
    var isCut = false
    /// What is on its way, ends included.
    var inFlight = 0
    var stalledUntil = Instant(nanoseconds: .min)
    var lastArrivalAtBalancer = Instant(nanoseconds: .min)
    var lastArrivalAtAgent = Instant(nanoseconds: .min)
}

/// A llama-server: what runs in its slots, and what waits for one in its own queue.
struct SharedServer {
    let total: Int
    /// By number.
    var running: Set<Int> = []
    var waiting: [Int] = []
    var strangers = 0
    /// When something last began or ended there, or a lease of it.
    var changedAt: Instant
    /// How often a connection of its agent began or ended, a balancer took another seed, or a request was sent there.
    var upheavals = 0
    /// What the request that ended last has left, if it was the only one and all had heard of it from its beginning on; and how many
    /// upheavals there had been.
    var lastPrompt: (prompt: SharedPrompt, upheavals: Int)?

    var processing: Int { running.count + strangers }
    var idle: Int { max(0, total - processing) }
}

/// A prompt as clients have it: of a conversation, and so many blocks long.
struct SharedPrompt {
    var conversation: UInt64
    var blocks: Int

    /// As a balancer with this seed sees it.
    func trail(_ seed: PromptSeed) -> PromptTrail {
        let hashes = (0..<blocks).map { block in
            (UInt64(block + 1) &* 0x1234_5678_9ABC_DEF1 ^ conversation << 17 ^ seed.value) &* 0x9E37_79B9_7F4A_7C15
        }
        return PromptTrail(hashes: hashes, bytes: PromptTrail.position(of: blocks - 1) + 100)
    }
}

/// A request of a client of one balancer.
struct SharedRequest {
    let id: RequestID
    let balancer: Int
    /// The balancer's life in which it came.
    let life: Int
    let arrived: Instant
    let work: Duration
    var prompt: SharedPrompt?
    /// What it was hashed with.
    let promptSeed: PromptSeed
    /// At its server when it was sent there, if it is the only one and all of the server's balancers hear of it.
    var upheavals: Int?
    var state: State
    /// The server at which it is, whatever its balancer makes of it.
    var server: Int?
    var began: Instant?

    enum State {
        case queued(QueueTicket)
        case leased(Lease)
        /// For its client and its balancer.
        case ended
    }
}
