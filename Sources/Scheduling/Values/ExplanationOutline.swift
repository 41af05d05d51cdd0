/// An explanation whose upstreams are still to be put in order: with thousands of them that takes longer than anybody else
/// should wait for the scheduler.
public struct ExplanationOutline: Sendable {
    /// Without its upstreams.
    let explanation: Explanation
    let target: Target
    /// Of all upstreams, in no order.
    let places: [Place]
    /// As it was when it was chosen.
    var chosen: Explanation.Upstream?

    enum Target: Sendable {
        /// An upstream that its client has named.
        case named(RequestDemand)
        /// Those that may serve this.
        case pool(of: RequestDemand)
        /// There are none for this.
        case none(RequestDemand)
    }

    struct Place: Sendable {
        let id: UpstreamID
        let group: Group
        let rank: UpstreamRank
    }

    enum Group: UInt8, Sendable {
        case mayServe
        /// It serves what is asked for, and can't be used.
        case ofNoUse
        case outside
    }

    /// An upstream that is told of.
    public struct Listed: Equatable, Sendable {
        let id: UpstreamID
        /// In the order of picking, from 1; nil: it isn't in it.
        let position: Int?
    }

    /// The one that is chosen, then the others in the order of picking, then those that can't have the request;
    /// O(upstreams log upstreams).
    public func listed(limit: Int) -> [Listed] {
        let sorted = places.sorted { ($0.group.rawValue, $0.rank) < ($1.group.rawValue, $1.rank) }
        var listed: [Listed] = []
        for (offset, place) in sorted.enumerated() where offset < limit || place.id == chosen?.id {
            let one = Listed(id: place.id, position: place.group == .mayServe ? offset + 1 : nil)
            listed.insert(one, at: place.id == chosen?.id ? 0 : listed.count)
        }
        return Array(listed.prefix(max(0, limit)))
    }
}
