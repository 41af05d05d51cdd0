import RequestRecords
import Scheduling

/// Why an answer that has begun isn't brought to its end.
enum AnswerCut {
    /// The upstream's connection ended, or what came is no HTTP.
    case brokenOff
    /// Nothing came for so long.
    case silent(Duration)
    /// The balancer stops, and the time for answers to end is over.
    case shutdown

    var outcome: Outcome {
        switch self {
        case .brokenOff: .failed
        case .silent: .timedOut
        case .shutdown: .clientLeft(runsOn: .briefly)
        }
    }

    /// As it is recorded.
    var told: RequestOutcome.Cut {
        switch self {
        case .brokenOff: .brokenOff
        case .silent: .silent
        case .shutdown: .shutdown
        }
    }
}
