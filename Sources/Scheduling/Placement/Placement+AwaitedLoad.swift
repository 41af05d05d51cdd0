// How far what is loaded has come.

extension Placement {
    /// Of some servers the one that is closest to being loaded.
    ///
    /// - Returns: nil: none of them is loading, or can be asked to now.
    func nearest(
        at now: Instant,
        among isCandidate: (Int) -> Bool
    ) -> (upstream: Int, stage: AwaitedLoad.Stage)? {
        var nearest: (upstream: Int, stage: AwaitedLoad.Stage, rank: Int)?
        for (upstream, server) in servers where isCandidate(upstream) {
            guard let (stage, rank) = stage(of: server, at: now) else { continue }
            if let best = nearest, (best.rank, best.upstream) < (rank, upstream) { continue }
            nearest = (upstream, stage, rank)
        }
        return nearest.map { ($0.upstream, $0.stage) }
    }

    /// - Returns: and the less, the sooner.
    private func stage(of server: OnDemandServer, at now: Instant) -> (AwaitedLoad.Stage, rank: Int)? {
        switch server.stage {
        case .loading(let since): (.loading(elapsed: max(.zero, now - since)), 0)
        case .unloaded where server.wish?.kind == .load, .failing where server.wish?.kind == .load: (.wished, 1)
        case .unloaded where server.pausedUntil <= now, .failing where server.pausedUntil <= now: (.waitsForRoom, 2)
        // It may be loaded again when it is gone.
        case .leaving: (.waitsForRoom, 2)
        case .unloaded, .failing, .loaded: nil
        }
    }
}
