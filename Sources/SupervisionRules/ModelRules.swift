/// What is said of a model that is loaded and unloaded.
package struct ModelRules: Equatable, Sendable {
    package var memory: Memory
    /// After so long without anything running it is unloaded; nil: never.
    package var ttl: Duration?
    /// Whether it is loaded at the start.
    package var isPreloaded: Bool
    /// Whether no balancer may unload it.
    package var isPinned: Bool

    /// Bytes that it takes while it runs.
    package enum Memory: Equatable, Sendable {
        case said(Int)
        /// As long as nothing was measured.
        case estimated(Int)
    }

    package init(memory: Memory, ttl: Duration? = nil, isPreloaded: Bool = false, isPinned: Bool = false) {
        self.memory = memory
        self.ttl = ttl
        self.isPreloaded = isPreloaded
        self.isPinned = isPinned
    }
}
