import Scheduling

/// A model that is loaded on demand, in the reply about its server.
struct OnDemandReply: Codable, Equatable {
    /// The same of all servers that share their memory.
    let host: String
    let hostMemoryBytes: Int
    let memoryBytes: Int
    /// What loading took last; null: it wasn't loaded yet.
    @NullWhenNil var loadMilliseconds: Int?
    /// Null: it isn't loaded.
    @NullWhenNil var loadedForSeconds: Int?
    let isPinned: Bool
    /// `load` or `unload`, as long as its agent hasn't done it.
    @NullWhenNil var wish: String?
    /// Why its agent didn't do what it was asked for last, or why the last load failed.
    @NullWhenNil var refusal: String?

    init(_ residency: Residency) {
        host = residency.terms.host
        hostMemoryBytes = residency.terms.hostMemory
        memoryBytes = residency.terms.memory
        loadMilliseconds = residency.terms.loadTime.map { Int($0 / .milliseconds(1)) }
        loadedForSeconds = residency.loadedFor.map { Int($0.components.seconds) }
        isPinned = residency.terms.isPinned
        wish = residency.wish.map { $0 == .load ? "load" : "unload" }
        refusal = residency.failure ?? residency.terms.lastRefusal
    }

    enum CodingKeys: String, CodingKey {
        case host
        case hostMemoryBytes = "host_memory_bytes"
        case memoryBytes = "memory_bytes"
        case loadMilliseconds = "load_ms"
        case loadedForSeconds = "loaded_for_seconds"
        case isPinned = "pinned"
        case wish
        case refusal
    }
}
