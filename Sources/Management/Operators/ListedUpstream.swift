import AgentProtocol
import AgentReception
import LlamaServer
import Scheduling

/// An upstream of a snapshot before it is written down: of a large fleet not all are.
enum ListedUpstream {
    case known(UpstreamSnapshot)
    /// Nothing is left of it but that it is lost.
    case lost(LostUpstream)

    /// How much it needs somebody, the most first.
    enum Attention: CaseIterable {
        /// Something is wrong.
        case troubled
        /// It is on purpose, or passes.
        case passing
        case none
    }

    /// Those that are known in balancing order, then the lost ones, the last first.
    static func all(of snapshot: FleetSnapshot) -> [ListedUpstream] {
        snapshot.upstreamsInBalancingOrder.map(known) + lost(of: snapshot)
    }

    /// The same in no order that would have to be made: whoever sees it twice sees it alike.
    static func unordered(of snapshot: FleetSnapshot) -> [ListedUpstream] {
        snapshot.upstreams.map(known) + lost(of: snapshot)
    }

    private static func lost(of snapshot: FleetSnapshot) -> [ListedUpstream] {
        snapshot.lost.sorted { $0.since > $1.since }.map(lost)
    }

    /// At most so many, those that need somebody first.
    static func foremost(_ limit: Int, of snapshot: FleetSnapshot) -> [ListedUpstream] {
        guard snapshot.upstreams.count + snapshot.lost.count > limit else { return all(of: snapshot) }
        var found = [[ListedUpstream]](repeating: [], count: Attention.allCases.count)
        for upstream in unordered(of: snapshot) {
            let place = upstream.attention.place
            if found[place].count < limit { found[place].append(upstream) }
        }
        return found.joined().prefix(limit).sorted { $0.rank < $1.rank }
    }

    var address: NetworkAddress {
        switch self {
        case .known(let upstream): upstream.address
        case .lost(let upstream): upstream.address
        }
    }

    var state: AgentsReply.State {
        switch self {
        case .known(let upstream): AgentsReply.State(upstream)
        case .lost: .lost
        }
    }

    var attention: Attention {
        guard case .known(let upstream) = self else { return .troubled }
        if upstream.claim != nil { return .troubled }
        switch state {
        case .lost, .left, .silent, .ejected: return .troubled
        case .notReady: return upstream.condition == .loading ? .passing : .troubled
        case .draining: return .passing
        case .unloaded, .usable: return .none
        }
    }

    /// - Parameter words: in small letters.
    /// - Returns: whether each is in its name, its address, its state, its condition or its models.
    func has(_ words: [String]) -> Bool {
        let (name, models, condition) =
            switch self {
            case .known(let upstream): (upstream.name, upstream.models, upstream.condition)
            case .lost(let upstream): (upstream.name, upstream.models, upstream.condition)
            }
        let kind = AgentProtocol.Condition(condition).kind
        let known = ([name ?? "", address.description, state.rawValue, kind] + models).joined(separator: " ")
            .lowercased()
        return words.allSatisfy(known.contains)
    }

    /// In balancing order; lost ones come last.
    private var rank: (isLost: Int, rank: UpstreamRank) {
        switch self {
        case .known(let upstream): (0, upstream.rank)
        case .lost: (1, .last)
        }
    }
}

extension ListedUpstream.Attention {
    fileprivate var place: Int {
        switch self {
        case .troubled: 0
        case .passing: 1
        case .none: 2
        }
    }
}
