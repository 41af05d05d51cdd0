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
}
