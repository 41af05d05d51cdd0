/// How a request ended, or how far it has come.
public enum RequestOutcome: Hashable, Sendable {
    /// It hasn't ended.
    case running(Stage)
    /// An upstream's answer came to its end, whatever its status.
    case answered
    /// The balancer answered itself: its health, or what several upstreams say together.
    case answeredHere
    /// The balancer didn't want it.
    case refused(Refusal)
    /// No upstream answered it.
    case failed(Failure)
    /// What was waited for didn't come in time.
    case timedOut(Wait)
    /// Its answer had begun, and was not brought to its end.
    case cut(Cut)
    /// Its client went before the end of its answer.
    case clientLeft(Stage)

    /// Where a request is.
    public enum Stage: String, Sendable, CaseIterable {
        /// It is coming in.
        case reading
        /// It waits for a slot, or for a server.
        case queued
        /// A connection to its upstream is being opened.
        case connecting
        /// It was sent, and nothing of an answer has come.
        case waiting
        /// Its answer goes to its client.
        case answering
    }

    /// Why there was no answer.
    public enum Failure: String, Sendable, CaseIterable {
        case noConnection = "no_connection"
        /// The balancer had no descriptor, or no port, left.
        case noMeans = "no_means"
        /// The upstream closed the connection without an answer.
        case brokenOff = "broken_off"
        /// The same several times.
        case attemptsExhausted = "attempts_exhausted"
        /// Its model could not be loaded.
        case modelFailed = "model_failed"
        /// The upstream ended with it.
        case serverDied = "server_died"
        /// The answer is no HTTP.
        case malformed
        /// None of those that were asked together has answered.
        case nobodyAnswered = "nobody_answered"
    }

    /// For what.
    public enum Wait: String, Sendable, CaseIterable {
        case queue
        case requestHead = "request_head"
        case requestBody = "request_body"
        case firstByte = "first_byte"
        /// That the client takes what it is sent.
        case clientWrite = "client_write"
    }

    /// Why an answer was not brought to its end.
    public enum Cut: String, Sendable, CaseIterable {
        /// The upstream's connection ended.
        case brokenOff = "broken_off"
        /// Nothing more came from it.
        case silent
        /// The balancer stopped.
        case shutdown
    }
}

extension RequestOutcome {
    /// The word for it, without the reason.
    public enum Kind: String, Sendable, CaseIterable {
        case running
        case answered
        case ownAnswer = "own_answer"
        case refused
        case failed
        case timedOut = "timed_out"
        case cut
        case clientLeft = "client_left"
    }

    public var kind: Kind {
        switch self {
        case .running: .running
        case .answered: .answered
        case .answeredHere: .ownAnswer
        case .refused: .refused
        case .failed: .failed
        case .timedOut: .timedOut
        case .cut: .cut
        case .clientLeft: .clientLeft
        }
    }

    /// A word for why, or where; nil: there is nothing to add.
    public var reason: String? {
        switch self {
        case .answered, .answeredHere: nil
        case .running(let stage), .clientLeft(let stage): stage.rawValue
        case .refused(let refusal): refusal.rawValue
        case .failed(let failure): failure.rawValue
        case .timedOut(let wait): wait.rawValue
        case .cut(let cut): cut.rawValue
        }
    }
}
