import RequestRecords

/// Why a request went nowhere, for the log.
enum Refusal: String, CaseIterable {
    case queueFull = "the queue is full"
    case tenantFull = "as many of their tenant's requests as may run or wait were there already"
    case noQueue = "all slots are busy and there is no queue"
    case waitTooLong = "they could be expected to wait too long"
    case waitedTooLong = "no slot became free in time"
    case noServer = "no server is ready"
    case bytesHeld = "the bodies of other requests take up all of --max-buffered-bytes"
    case bodyTooLarge = "the body is larger than --max-request-body"
    case noKey = "the API key is missing or unknown"
    case tenantOver = "their tenant's last day is over"
    case modelForbidden = "their tenant may not use the model"
    case tenantRate = "their tenant has used up its requests or tokens"
    case guarded = "the endpoint is not open to clients"
    case oneServerOnly = "the path belongs to one particular server"
    case unknownAgent = "the agent that X-Paddler-Agent names is unknown"
    case withoutTLS = "they came without TLS to a port that speaks it"
    case withTLS = "they came by TLS to a port that speaks plain HTTP"
    case loop = "they came from this balancer itself: a server's address leads back here"
    case notHere = "they were meant for the management address"
    case tooManyWithoutKey = "too many requests without a key at one time"
}

extension Refusal {
    /// As it is recorded; a wait that was too long ended by its limit, and is recorded as that.
    var told: RequestOutcome.Refusal {
        switch self {
        case .queueFull: .queueFull
        case .tenantFull: .tenantFull
        case .noQueue: .noQueue
        case .waitTooLong, .waitedTooLong: .waitTooLong
        case .noServer: .noServer
        case .bytesHeld: .bytesHeld
        case .bodyTooLarge: .bodyTooLarge
        case .noKey: .noKey
        case .tenantOver: .tenantOver
        case .modelForbidden: .modelForbidden
        case .tenantRate: .tenantRate
        case .guarded: .guarded
        case .oneServerOnly: .serverNotNamed
        case .unknownAgent: .unknownAgent
        case .withoutTLS, .withTLS: .invalid
        case .loop: .loop
        case .notHere: .notHere
        case .tooManyWithoutKey: .tooManyWithoutKey
        }
    }
}

/// Counts refused requests, and says when a line of the log is due: the first of a reason at once, the others together.
struct RefusalTally {
    struct Due: Equatable {
        let refusal: Refusal
        let count: Int
        /// Since when, in nanoseconds of the clock that is asked; nil: these are the first.
        let since: UInt64?
    }

    /// In nanoseconds.
    static let interval: UInt64 = 10_000_000_000

    private var counts: [Refusal: Int] = [:]
    private var saidAt: [Refusal: UInt64] = [:]

    mutating func add(_ refusal: Refusal) {
        counts[refusal, default: 0] += 1
    }

    /// - Parameter now: in nanoseconds.
    mutating func takeDue(at now: UInt64) -> [Due] {
        guard !counts.isEmpty else { return [] }
        var due: [Due] = []
        for refusal in Refusal.allCases {
            guard let count = counts[refusal] else { continue }
            let last = saidAt[refusal]
            if let last, now - last < Self.interval { continue }
            counts[refusal] = nil
            saidAt[refusal] = now
            due.append(Due(refusal: refusal, count: count, since: last))
        }
        return due
    }
}
