/// How it stands with the load of a model that a request waits for.
public struct AwaitedLoad: Equatable, Sendable {
    public enum Stage: Equatable, Sendable {
        /// Others have to go first, or come first.
        case waitsForRoom
        /// Its agent is asked for it.
        case wished
        /// - Parameter elapsed: since its agent said so.
        case loading(elapsed: Duration)
    }

    /// Which would load it, or loads it; as long as it waits for room, that is open.
    public var upstream: UpstreamID
    /// What the model goes by there; nil: its server hasn't said.
    public var model: String?
    /// The name of the server that loads it; nil: that is open, or it has none.
    public var server: String?
    /// How long loading it took there last; nil: it wasn't loaded yet.
    public var usualTime: Duration?
    public var stage: Stage

    public init(upstream: UpstreamID, model: String?, server: String? = nil, usualTime: Duration? = nil, stage: Stage) {
        self.upstream = upstream
        self.model = model
        self.server = server
        self.usualTime = usualTime
        self.stage = stage
    }
}
