/// What is known of an upstream that its agent loads and unloads.
public struct OnDemand: Equatable, Sendable {
    /// Whose memory it shares with the others of the same host.
    public var host: String
    /// Bytes that all upstreams of the host may take together.
    public var hostMemory: Int
    /// All names of all models of the host.
    public var hostModels: [String]
    /// Bytes that it takes while it runs.
    public var memory: Int
    /// How long loading took last; nil: it wasn't loaded yet.
    public var loadTime: Duration?
    /// It is never unloaded for another model's sake.
    public var isPinned: Bool
    /// How many wishes its agent hasn't followed, by the agent's count.
    public var refusals: Int
    /// Why not the last one.
    public var lastRefusal: String?

    public init(
        host: String,
        hostMemory: Int,
        hostModels: [String] = [],
        memory: Int,
        loadTime: Duration? = nil,
        isPinned: Bool = false,
        refusals: Int = 0,
        lastRefusal: String? = nil
    ) {
        self.host = host
        self.hostMemory = hostMemory
        self.hostModels = hostModels
        self.memory = memory
        self.loadTime = loadTime
        self.isPinned = isPinned
        self.refusals = refusals
        self.lastRefusal = lastRefusal
    }
}
