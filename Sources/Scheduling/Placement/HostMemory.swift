/// What the servers of a host have of its memory, in bytes.
struct HostMemory: Sendable {
    /// Less than nothing where an agent has more than it says.
    var free: Int
    /// What is about to become free.
    var outgoing = 0
    /// The upstreams that have the rest.
    private(set) var present: [Int] = []

    init(free: Int) {
        self.free = free
    }

    func with(_ upstream: Int, _ server: OnDemandServer) -> HostMemory {
        guard !server.isAbsent else { return self }
        var host = self
        host.free -= server.terms.memory
        if server.isOnItsWayOut { host.outgoing += server.terms.memory }
        host.present.append(upstream)
        return host
    }

    /// Bytes as people speak of memory: `5.2 GB`.
    static func words(_ bytes: Int) -> String {
        let tenths = bytes / 100_000_000 + (bytes % 100_000_000 > 0 ? 1 : 0)
        return "\(tenths / 10).\(tenths % 10) GB"
    }
}
