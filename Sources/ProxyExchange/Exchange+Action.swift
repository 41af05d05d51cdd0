public import LlamaServer
public import Scheduling

extension Exchange {
    /// What the transport does next.
    public enum Action: Sendable {
        /// Nothing: what comes next is on its way.
        case none
        /// The request is in a queue; a word of the scheduler follows.
        case wait
        /// To be sent, over a connection that is open if ``Exchange/mayReuseConnection``.
        case send(Target)
        /// To be sent over a connection of its own.
        case connect(Target)
        /// As ``connect(_:)``, in a moment: the balancer had no descriptor, or no port, left.
        case connectSoon(Target, Attempt)
        /// Whether the upstream is still there decides.
        case checkLife(Target, Attempt)
        /// The scheduler is told that the upstream is gone, and says whether the request may be why.
        case tellDeath(Target)
        /// The lease goes back to the scheduler, which says how the request goes on.
        case retry(Lease, after: Failure)
        /// The scheduler finds an upstream that isn't this one. It is told of one that can't be reached.
        case retryWithoutSlot(avoiding: UpstreamID, isUnreachable: Bool)
        /// The scheduler finds an upstream with room for a prompt of so many tokens, or else this response is the client's.
        case findRoom(Lease, tokens: Int)
        /// The client gets a response of the balancer's own; what was held for the request is given back.
        case end(Ending, Release?)
    }

    /// Why a client gets no upstream's response.
    public enum Ending: Sendable {
        case rejected(Rejection, lastFailure: String?)
        /// The one upstream that the request is for can't be connected to.
        case noConnection(String)
        /// The balancer had no descriptor, or no port, left.
        case noMeans(String)
        case brokenOff
        /// The request may be why.
        case serverDied(NetworkAddress)
        case malformed(String)
    }

    /// The end of an attempt.
    public struct Release: Sendable {
        public let target: Target
        public let outcome: Outcome
        /// Nobody wants what the connection still brings.
        public let abandonsConnection: Bool

        init(_ target: Target, _ outcome: Outcome, abandonsConnection: Bool = false) {
            self.target = target
            self.outcome = outcome
            self.abandonsConnection = abandonsConnection
        }
    }

    /// What a client leaves behind.
    public enum Departure: Sendable {
        case nothing
        /// If the request isn't there any more, a word of the scheduler is on its way, and changes nothing.
        case fromQueue(Place)
        case beforeSending(Release)
        /// Where llama-server can tell that it has noticed, or has come to the end of the response, the slot is leased until
        /// then.
        case fromUpstream(Target)
        /// The upstream goes on, and what it generates can be found again.
        case fromGeneration(Target)
    }
}
