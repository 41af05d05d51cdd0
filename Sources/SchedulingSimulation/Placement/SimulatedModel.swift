import LlamaServer
import Scheduling

/// A model on a host: its agent, and the llama-server that the agent starts and ends.
struct SimulatedModel {
    let agent: AgentID
    let name: String
    let host: Int
    let slots: Int
    /// What loading it takes each time.
    let loadTime: Duration
    /// What it takes of its host's memory, and what its agent says.
    let memory: (real: Int, told: Int)
    let isPinned: Bool
    /// How many of a hundred loads fail.
    let failing: Int
    var process = Process.absent
    /// What its agent has told of it last.
    var told = Process.absent
    var isConnected = true
    var refusals = 0
    /// What has reached the balancer of these.
    var refusalsTold = 0
    /// Since when it has been loading by the balancer's wish for nobody.
    var loadsInVainSince: Instant?
    /// It was loaded for those who wait.
    var isWished = false
    /// The last load failed, and when its agent tries again.
    var pausedUntil: Instant?
    /// Of its reports that are on their way, none overtakes another.
    var lastReport = Instant(nanoseconds: 0)
    /// Counts its processes: what was planned for an earlier one doesn't concern this one.
    var generation = 0

    enum Process: Equatable {
        case absent
        /// The last one failed.
        case failed
        case loading
        case ready(since: Instant)
        /// It goes as soon as nothing runs there.
        case leaving

        var hasMemory: Bool {
            switch self {
            case .absent, .failed: false
            case .loading, .ready, .leaving: true
            }
        }
    }

    /// As far as it has told.
    var isTakingRequests: Bool { if case .ready = told { isConnected } else { false } }

    /// Whether its loads succeed, and take what its agent says.
    var isReliable: Bool { failing == 0 && memory.real == memory.told }

    init(
        number: Int,
        name: String,
        host: Int,
        slots: Int,
        loadTime: Duration,
        memory: (real: Int, told: Int),
        isPinned: Bool,
        failing: Int
    ) {
        agent = AgentID(rawValue: "\(name)@\(host)")
        address = NetworkAddress(host: "10.0.\(host).\(number)", port: 8080)
        self.name = name
        self.host = host
        self.slots = slots
        self.loadTime = loadTime
        self.memory = memory
        self.isPinned = isPinned
        self.failing = failing
    }

    let address: NetworkAddress

    /// - Parameters:
    ///   - hostMemory: of its host.
    ///   - hostModels: likewise.
    func report(_ process: Process, hostMemory: Int, hostModels: [String], at now: Instant) -> UpstreamReport {
        let condition: Condition =
            switch process {
            case .absent: .unloaded
            case .failed: .failing("it ended with exit code 1")
            case .loading: .loading
            case .ready, .leaving: .ready
            }
        let isUp = condition == .ready
        return UpstreamReport(
            agent: agent,
            route: UpstreamRoute(address: address),
            condition: condition,
            slots: isUp ? SlotSample(total: slots, processing: 0, taken: now...now) : nil,
            isLeaving: process == .leaving,
            models: [name],
            onDemand: OnDemand(
                host: "h\(host)",
                hostMemory: hostMemory,
                hostModels: hostModels,
                memory: memory.told,
                loadTime: loadTime,
                isPinned: isPinned,
                refusals: refusals
            ),
            maximumSilence: .seconds(1_000_000)
        )
    }
}
