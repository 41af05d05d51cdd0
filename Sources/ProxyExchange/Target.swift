public import Scheduling

/// Where a request goes.
public enum Target: Sendable {
    /// It occupies a slot, until the lease is given back.
    case slot(Lease)
    /// It occupies none.
    case free(UpstreamID, UpstreamRoute)

    public var upstream: UpstreamID {
        switch self {
        case .slot(let lease): lease.upstream
        case .free(let upstream, _): upstream
        }
    }

    public var route: UpstreamRoute {
        switch self {
        case .slot(let lease): lease.route
        case .free(_, let route): route
        }
    }

    /// nil: it occupies no slot.
    public var lease: Lease? {
        if case .slot(let lease) = self { lease } else { nil }
    }
}
