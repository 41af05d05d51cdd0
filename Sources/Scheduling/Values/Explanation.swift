public import LlamaServer

/// What would become of a request if it was handed in now, and why.
public struct Explanation: Equatable, Sendable {
    /// What its model means for where it may go.
    public enum Resolution: Equatable, Sendable {
        /// Names decide nothing: all upstreams serve one model.
        case anything
        /// To upstreams that go by the name that it gives.
        case named(String)
        /// Its name, or the default's, stands for several models, of which it gets this one.
        case alias(of: String)
        /// It names none, and this is the default.
        case byDefault(String)
        /// It names none, and goes to those that don't say what they serve.
        case nameless
        /// No upstream goes by this name.
        case unknown(String)
        /// It names none, and there are several.
        case notNamed
    }

    public enum Outcome: Equatable, Sendable {
        case dispatch(UpstreamID, Choice)
        /// It waits for this upstream, for so long at most, and then for any.
        case held(UpstreamID, atMost: Duration, ahead: Int, expectedWait: Duration?)
        case queued(ahead: Int, expectedWait: Duration?)
        case rejected(Rejection)
        /// What its client is told instead, in the words of whoever speaks to clients.
        case refused(status: Int, message: String)
    }

    /// What its tenant has, and whose turn it is.
    public struct Share: Equatable, Sendable {
        /// Of its tenant's requests: that have slots, or whose slots cool, or that are held.
        public package(set) var running: Int
        public package(set) var waiting: Int
        /// As many run as may: another waits until one of them ends.
        public package(set) var isAtLimit: Bool
        /// Of how many other tenants a request waits whose turn is before its own. A tenant may wait in several classes, and counts
        /// for each.
        public package(set) var tenantsAhead: Int
    }

    /// A model that the request may get, since it names an alias.
    public struct Candidate: Equatable, Sendable {
        /// What its servers call it.
        public package(set) var model: String
        /// Whether the request gets this one, or waits for it.
        public package(set) var isChosen: Bool
        /// nil: nothing is against it.
        public package(set) var obstacle: Obstacle?

        public enum Obstacle: Equatable, Sendable {
            /// No server serves it, and none did before it was lost.
            case unknown
            case noUsableServer
            /// Requests go on at once from where they would have to wait.
            case noIdleSlot
        }
    }

    /// Why an upstream can't have the request now.
    public enum Obstacle: Hashable, Sendable {
        /// It serves another model than the one that is asked for.
        case otherModel
        /// Nobody can tell which model is asked for.
        case modelNotNamed
        /// It was started for that, and others weren't.
        case otherWork(ServerRole)
        /// Its context of so many tokens is too small, and there are larger ones.
        case noRoom(Int)
        /// No agent speaks for it.
        case left
        case silent
        case notReady(Condition)
        case draining
        /// Its agent is about to stop.
        case leaving
        case ejected(for: Duration)
        case noIdleSlot
        /// Its idle slots are kept for a request that takes several, or others that wait for it come first.
        case kept
        /// The request takes so many at one time.
        case tooFewIdle(needed: Int)
    }

    public struct Upstream: Equatable, Sendable {
        public package(set) var id: UpstreamID
        public package(set) var address: NetworkAddress
        /// nil: nobody speaks for it.
        public package(set) var agent: AgentID?
        public package(set) var name: String?
        /// nil: it could have the request now.
        public package(set) var obstacle: Obstacle?
        /// It is usable and serves what is asked for, idle or not.
        public package(set) var mayServe: Bool
        /// Never negative.
        public package(set) var slotsIdle: Int
        public package(set) var slotsTotal: Int
        /// Of this balancer's requests.
        public package(set) var slotsLeased: Int
        /// In bytes, how much of the prompt lies there, as far as is known.
        public package(set) var promptFound: Int
        /// Its place in the order of picking, from 1; nil: it isn't in it.
        public package(set) var position: Int?
    }

    /// As the request names it.
    public package(set) var model: String?
    public package(set) var resolution: Resolution
    /// All that its alias stands for, as the operator lists them; empty: it names none, or its name decides nothing.
    public package(set) var candidates: [Candidate]
    /// How many slots the request takes, where there are so many.
    public package(set) var slots: Int
    /// In bytes, how much of its prompt was read to find out where it lies; 0: it is too short, or nobody looks.
    public package(set) var promptBytes: Int
    /// Whether it goes by its session instead of its prompt.
    public package(set) var isOfSession: Bool
    public var outcome: Outcome
    /// nil: it is nobody's in particular.
    public package(set) var share: Share?
    /// The one that is chosen first, then the others in the order of picking, then those that can't have it.
    public package(set) var upstreams: [Upstream]
    /// All that there are.
    public package(set) var upstreamCount: Int

    /// The most that ``upstreams`` has.
    public static let mostUpstreams = 1000
}
