import LlamaServer
import Scheduling
import Synchronization

// Requests for one particular upstream.

extension Dispatcher {
    func upstreams(called word: String) -> [NamedUpstream] {
        locked { $0.upstreams(called: word) }
    }

    func namedUpstreams(of model: String?, limit: Int) -> [NamedUpstream] {
        locked { $0.namedUpstreams(of: model, limit: limit) }
    }

    func named(_ upstream: UpstreamID) -> NamedUpstream? {
        locked { $0.named(upstream) }
    }

    /// Its answer goes on at that upstream, with or without its client.
    func remember(_ conversation: [UInt8], on upstream: UpstreamID) {
        conversations.withLock { $0.remember(conversation, on: upstream) }
    }

    /// - Returns: nil if nothing is known of it, or its upstream is gone, or can't be asked.
    func holder(of conversation: [UInt8]) -> NamedUpstream? {
        guard let upstream = conversations.withLock({ $0.holder(of: conversation) }), let named = named(upstream) else {
            return nil
        }
        return named.isReady ? named : nil
    }

    func whyNobody(for model: String?) -> Rejection? {
        locked { $0.whyNobody(for: model) }
    }

    /// A request for a slot of the upstream that its client has named.
    func submit(
        _ request: RequestID,
        on upstream: UpstreamID,
        for demand: RequestDemand,
        at now: Instant
    ) -> Submission {
        locked { $0.submit(request, on: upstream, for: demand, at: now) }
    }
}
