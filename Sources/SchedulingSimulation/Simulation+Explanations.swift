import Scheduling

// What is told of a request beforehand.

extension Simulation {
    /// - Parameter explanation: of the moment before.
    func check(_ explanation: Explanation, _ submission: Submission) throws(Violation) {
        guard isTrue(explanation.outcome, submission) else {
            throw Violation(.explained, "\(explanation.outcome) was told, and it was \(submission)")
        }
        guard let upstream = explanation.outcome.upstream else { return }
        guard let first = explanation.upstreams.first, first.id == upstream else {
            throw Violation(.explained, "\(upstream) is chosen and isn't told of first")
        }
        guard case .dispatch(_, let choice) = explanation.outcome, choice.ground != .named else { return }
        if let obstacle = first.obstacle {
            throw Violation(.explained, "\(upstream) is chosen although of it is told: \(obstacle)")
        }
    }

    private func isTrue(_ outcome: Explanation.Outcome, _ submission: Submission) -> Bool {
        switch (outcome, submission) {
        case (.dispatch(let upstream, let choice), .dispatch(let lease)):
            lease.upstream == upstream && scheduler.choice(of: lease) == choice
        case (.held(let upstream, _, _, _), .queued(let ticket)):
            scheduler.hold(of: ticket)?.upstream == upstream
        case (.queued, .queued(let ticket)):
            scheduler.hold(of: ticket) == nil
        case (.rejected(let told), .reject(let rejection)):
            told == rejection
        default: false
        }
    }
}
