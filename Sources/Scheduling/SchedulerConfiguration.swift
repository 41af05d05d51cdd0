extension Scheduler {
    /// Limits and times. Values out of range are moved to the nearest one in range.
    public struct Configuration: Sendable {
        /// How many requests may wait for one model; 0: none, a request finds an idle slot or is refused.
        public var maximumQueued = 1024
        /// The longest sum of a request's waits, attempts that executed nothing included.
        public var queueTimeout: Duration = .seconds(60)
        /// The longest that a request that needs no slot waits for a server, ``queueTimeout`` permitting.
        public var slotlessTimeout: Duration = .seconds(10)
        /// A request that can be expected to wait longer than this is refused at once; nil: none is.
        public var maximumExpectedWait: Duration?
        /// How often an upstream may break a request off before it is given up; at least 1.
        public var maximumAttempts = 2
        /// So many broken off in a row, without an answer in between, eject an upstream; at least 1.
        public var brokenOffToEject = 3
        /// The first ejection; each one without an answer in between is twice as long as the one before.
        public var ejectionFirst: Duration = .seconds(1)
        public var ejectionLimit: Duration = .seconds(30)
        /// A slot whose client has left counts as busy for no longer than this.
        public var coolingLimit: Duration = .seconds(30)
        /// How soon after the client of a stream left a fresh sample is asked for: llama-server needs a token's time.
        /// After others it is 1.25 s, ``RunsOn/untilItLooks``.
        public var coolingPollSoon: Duration = .milliseconds(200)
        /// How long from one such poll to the next; at least 1.25 s. Polled more often, llama-server doesn't notice that
        /// the client of a non-streaming request is gone: it looks only after a second without any finished task.
        public var coolingPollInterval: Duration = .milliseconds(1500)
        /// An agent silent for so many times what it announced is forgotten; at least 1.
        public var silencesToForget = 10
        /// Reports of further upstreams are ignored; 1 ... 1,000,000.
        public var maximumUpstreams = 4096
        /// For how long an upstream that went without a word is remembered; 0: it isn't.
        public var lostMemory: Duration = .seconds(86_400)
        /// How often within a minute an agent may come to one address, and one agent to any; at least 1.
        public var maximumChangesPerMinute = 120
        /// Whether a request that names a model is served by servers that go by that name alone, even where all servers
        /// serve the same one.
        public var strictModels = false
        /// What a request asks for that names no model, where there are several; nil: it is refused.
        public var defaultModel: String?
        /// Which upstream gets the next request.
        public var balance = Balance.cacheAware

        /// For how long those of a class may be passed over by those of better classes; then the one of them that has waited
        /// longest is next.
        public var classPatience: Duration = .seconds(30)

        public init() {}
    }
}
