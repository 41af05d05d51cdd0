import Scheduling

// What failures must do to an upstream.

extension Simulation {
    /// - Parameter before: the upstream before it failed; nil if the scheduler didn't know it any more.
    mutating func checkEjection(
        on server: Int,
        after failure: Failure,
        before: UpstreamSnapshot?
    ) throws(Violation) {
        guard let before else { return }
        let configuration = profile.configuration
        let isEjected = (before.ejectedFor ?? .zero) > .zero
        let expected = isEjected ? before.ejectedFor : records[server].failed(failure, configuration)
        // One that nobody speaks for is forgotten with its last lease.
        guard let after = upstream(before.id) else { return }
        guard (after.ejectedFor ?? .zero) == (expected ?? .zero) else {
            throw Violation(
                .ejections,
                "\(after.address) is ejected for \(after.ejectedFor ?? .zero), and not for \(expected ?? .zero)"
            )
        }
    }

    /// A request that was broken off doesn't go back while there is another upstream, unless it is a new life.
    func checkAvoidance(of request: ExpectedRequest, _ lease: Lease, on server: Int) throws(Violation) {
        guard let avoided = request.avoided, avoided.upstream == lease.upstream,
            avoided.life == records[server].lives, usableCount(for: request.demand) > 1
        else { return }
        throw Violation(.avoidance, "\(lease.request.rawValue) was sent again to \(lease.address), which broke it off")
    }
}
