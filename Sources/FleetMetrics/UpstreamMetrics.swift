/// What was seen of one upstream's answers since the balancer started or since the upstream was last unknown.
public struct UpstreamMetrics: Equatable, Sendable {
    /// Answers relayed, by the first digit of their status: index 2 counts 2xx.
    public var answersByClass = [Int](repeating: 0, count: 10)
    /// Of those: broken off in the middle.
    public var answersCut = 0
    /// From sending a request to the first byte of its answer.
    public var timeToFirstByte = Histogram(.latency)
    /// From sending a request to the first event of a streamed answer.
    public var timeToFirstToken = Histogram(.latency)
    /// From sending a request to the last byte of its answer.
    public var answerTime = Histogram(.length)
    public var tokens = TokenCounts()
    /// Tokens that were counted and weren't there, as the ends of their answers said. The next ones are set off against
    /// them, since a counter never falls.
    private(set) var overcounted = 0
    public var bytesSent = 0
    public var bytesReceived = 0
    public var connectionsOpened = 0

    public init() {}

    /// Counts tokens as they pass.
    ///
    /// - Parameter count: an estimate, of which ``settle(_:counted:)`` is told.
    public mutating func countGenerated(_ count: Int) {
        let setOff = min(count, overcounted)
        overcounted -= setOff
        tokens.generated &+= count - setOff
    }

    /// Counts what an answer says of its tokens.
    ///
    /// - Parameter counted: how many of its generated ones were counted as they passed.
    public mutating func settle(_ usage: TokenCounts, counted: Int) {
        tokens.promptComputed &+= usage.promptComputed
        tokens.promptCached &+= usage.promptCached
        if usage.generated >= counted {
            countGenerated(usage.generated - counted)
        } else {
            overcounted &+= counted - usage.generated
        }
    }

    public mutating func add(_ other: UpstreamMetrics) {
        for index in answersByClass.indices { answersByClass[index] += other.answersByClass[index] }
        answersCut += other.answersCut
        timeToFirstByte.add(other.timeToFirstByte)
        timeToFirstToken.add(other.timeToFirstToken)
        answerTime.add(other.answerTime)
        tokens.add(other.tokens)
        overcounted &+= other.overcounted
        bytesSent &+= other.bytesSent
        bytesReceived &+= other.bytesReceived
        connectionsOpened += other.connectionsOpened
    }
}
