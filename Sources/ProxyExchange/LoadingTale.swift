public import Scheduling

/// What a stream has been told of the load that its request waits for, and what it is told next.
///
/// The texts are pieces of one: a line for each step, which grows by the seconds that it takes.
public enum LoadingTale: Sendable {
    case untold
    /// - Parameter lastPiece: when it was said.
    case telling(Step, lastPiece: Instant)

    public enum Step: Equatable, Sendable {
        case waitsForRoom
        case loads(UpstreamID)
    }

    /// At most one piece comes in so long, unless another step has begun.
    private static let pause = Duration.seconds(1)
    /// Before it is known what has to be loaded.
    private static let shortestWait = Duration.milliseconds(250)

    /// - Parameter waited: since the request was whole.
    /// - Returns: nil: nothing is to be said now.
    public mutating func next(_ load: AwaitedLoad, waited: Duration, at now: Instant) -> String? {
        let step = Step(load)
        guard case .telling(step, let lastPiece) = self else {
            // What comes in is loaded at once, as a rule.
            if case .untold = self, step == .waitsForRoom, waited < Self.shortestWait { return nil }
            let start = isUntold ? "" : "\n"
            self = .telling(step, lastPiece: now)
            return start + Self.beginning(of: step, load)
        }
        guard now - lastPiece >= Self.pause else { return nil }
        self = .telling(step, lastPiece: now)
        let seconds =
            switch load.stage {
            case .waitsForRoom: waited.components.seconds
            case .wished: Int64(0)
            case .loading(let elapsed): elapsed.components.seconds
            }
        return seconds > 0 ? " … \(seconds) s" : " …"
    }

    /// The request has its slot, and may wait for a load once more if that comes to nothing.
    ///
    /// - Returns: nil: nothing was said before.
    public mutating func end() -> String? {
        guard !isUntold else { return nil }
        self = .untold
        return "\nLoaded.\n\n"
    }

    public var isUntold: Bool {
        if case .untold = self { true } else { false }
    }

    private static func beginning(of step: Step, _ load: AwaitedLoad) -> String {
        let model = load.model ?? "the model"
        switch step {
        case .waitsForRoom:
            return "Waiting for room to load \(model)"
        case .loads:
            // A host's only model and its server may be called alike.
            let place = load.server.flatMap { $0 == load.model ? nil : " on \($0)" } ?? ""
            let usual = load.usualTime.map(\.components.seconds) ?? 0
            return "Loading \(model)\(place)" + (usual > 0 ? ", which took \(usual) s last time" : "")
        }
    }
}

extension LoadingTale.Step {
    fileprivate init(_ load: AwaitedLoad) {
        self =
            switch load.stage {
            case .waitsForRoom: .waitsForRoom
            case .wished, .loading: .loads(load.upstream)
            }
    }
}
