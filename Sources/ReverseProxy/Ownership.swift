import LlamaServer
import Scheduling

/// Where a request goes that is about what one server holds for itself, or whose client has named a server.
///
/// Rules alone. A client names one by `X-Paddler-Agent`; without that, whatever any server may answer is answered by the
/// least busy one, and what all should do alike is done by all.
indirect enum Ownership: Equatable {
    /// To this upstream and to no other, whatever its state.
    case one(NamedUpstream)
    /// To any, and its client is told to which.
    case anyone
    /// To all of its model, whose answers become one.
    case all(FleetQuestion)
    /// To nobody: a model is to be loaded or unloaded.
    case wish(ModelWish)
    /// To the one that runs or holds this conversation's answer.
    case holder(of: [UInt8])

    /// Why it goes nowhere.
    enum Objection: Error, Equatable {
        /// One of several is meant, and it isn't said which.
        case notNamed
        /// Nobody is called so.
        case unknown(String)
        /// Several are.
        case ambiguous(String, [NamedUpstream])
        /// It wants a slot of one that gets no requests now.
        case notUsable(NamedUpstream)
    }

    /// - Parameters:
    ///   - conversation: whose answer is asked for; nil: no one's.
    ///   - word: as the client names a server; nil: it names none.
    ///   - named: the upstreams that are called so.
    ///   - registered: how many there are.
    ///   - loadsOnDemand: whether any model is loaded on demand.
    /// - Returns: nil for a request that goes wherever the scheduler sends it.
    static func of(
        _ kind: EndpointKind,
        conversation: [UInt8]? = nil,
        word: String?,
        named: [NamedUpstream],
        registered: Int,
        loadsOnDemand: Bool = false
    ) throws(Objection) -> Ownership? {
        if case .residency(let isLoad) = kind, loadsOnDemand { return .wish(isLoad ? .load : .unload) }
        guard let word else {
            // All that there is belongs to the only one.
            return registered > 1 ? try ofNameless(kind, conversation) : nil
        }
        guard let upstream = named.first else { throw .unknown(word) }
        guard named.count == 1 else { throw .ambiguous(word, named) }
        if case .slot = kind, !upstream.isUsable { throw .notUsable(upstream) }
        return .one(upstream)
    }

    private static func ofNameless(
        _ kind: EndpointKind,
        _ conversation: [UInt8]?
    ) throws(Objection) -> Ownership? {
        switch kind {
        case .slot, .free, .metrics, .models, .health: nil
        case .described, .properties: .anyone
        case .adapters: .all(.adapters)
        // Which conversation is missing, any server says.
        case .stream: conversation.map { .holder(of: $0) } ?? .anyone
        case .streams: .all(.streams)
        case .control: .all(.control)
        case .singleServer, .residency: throw .notNamed
        }
    }
}

extension EndpointKind {
    /// Whether any server serves it as well as any other, or it has a way of its own.
    var isAnyones: Bool {
        switch self {
        case .slot, .free, .metrics, .models, .health: true
        case .described, .properties, .singleServer, .residency, .adapters, .stream, .streams, .control: false
        }
    }
}
