public import AgentProtocol

/// Whoever loads and unloads the model of the llama-server that an agent of the same process watches.
public protocol ModelKeeper: ServerKeeper {
    /// Names under which requests may ask for the model, loaded or not.
    var models: [String] { get }

    /// How it is at this moment.
    var state: KeptModel { get }

    /// A signal, at least one, after ``state`` has changed. For one reader.
    var changes: AsyncStream<Void> { get }

    /// A balancer listens.
    func connected()

    /// A balancer wishes it.
    ///
    /// - Parameter isOrder: an operator wants it.
    func wish(_ wish: ModelWish, isOrder: Bool)

    /// The slots of the server were looked at.
    ///
    /// - Parameter isBusy: whether something runs in them.
    func sampled(isBusy: Bool)

    /// A balancer is about to send something.
    func aboutToBeUsed()

    /// Nothing runs any more on the server that is draining, and nothing will be sent to it.
    func drained()
}

/// What a balancer wishes of a model.
public enum ModelWish: Hashable, Sendable {
    case load
    case unload
}

/// A model that is loaded and unloaded, at one moment.
public struct KeptModel: Equatable, Sendable {
    public var onDemand: OnDemand
    /// Whether it is to be unloaded as soon as nothing runs on its server any more.
    public var isDraining: Bool
    /// Grows whenever the server is started, and when it is gone: what was seen before says nothing of what is there then.
    public var generation: Int

    public init(onDemand: OnDemand, isDraining: Bool, generation: Int) {
        self.onDemand = onDemand
        self.isDraining = isDraining
        self.generation = generation
    }
}
