import HTTPExchange

/// What to ask EC2's metadata service next, and what its answers mean.
///
/// As AWS's SDKs do: a token first (version 2), and without one (version 1) where the service knows no tokens, refuses to
/// give one or doesn't answer that, which a container's network makes it do. A service that then demands a token is asked
/// for one again if it only was silent: a machine that boots is slow.
struct EC2Conversation {
    /// What happens next.
    enum Step: Equatable {
        case requestToken
        case requestValue(token: String?)
        case finished(String)
        case failed(InstanceMetadataError.Reason)
    }

    /// Each of the two questions is asked so many times at most.
    static let mostTries = 3

    private let allowsVersion1: Bool
    private var tokenTries = 0
    private var valueTries = 0
    private var token: String?
    /// It was asked, and said no.
    private var refusesTokens = false

    init(allowsVersion1: Bool) {
        self.allowsVersion1 = allowsVersion1
    }

    mutating func start() -> Step {
        tokenTries = 1
        return .requestToken
    }

    /// To ``Step/requestToken``.
    mutating func tokenAnswered(_ answer: HTTPAnswer) -> Step {
        switch answer {
        case .reply(status: 200, let body):
            guard let text = MetadataText.word(body) else { return .failed(.garbled) }
            token = text
            return requestValue()
        case .reply(status: 403, _), .reply(status: 404, _), .reply(status: 405, _):
            refusesTokens = true
            return withoutToken(or: .noToken)
        case .none(let reason):
            return withoutToken(or: .noAnswer(reason.inWords))
        case .reply(let status, _) where (500...599).contains(status):
            guard tokenTries < Self.mostTries else { return .failed(.status(status)) }
            tokenTries += 1
            return .requestToken
        case .reply(let status, _):
            return .failed(.status(status))
        }
    }

    /// To ``Step/requestValue(token:)``.
    mutating func valueAnswered(_ answer: HTTPAnswer) -> Step {
        switch answer {
        case .reply(status: 200, let body):
            guard let text = MetadataText.word(body) else { return .failed(.garbled) }
            return .finished(text)
        case .reply(status: 404, _):
            return .failed(.unknownPath)
        case .reply(status: 401, _):
            // A token can grow old between two questions, and the question for it can get lost.
            guard !refusesTokens, tokenTries < Self.mostTries else { return .failed(.tokenDemanded) }
            token = nil
            tokenTries += 1
            return .requestToken
        case .none(let reason):
            return valueTries < Self.mostTries ? requestValue() : .failed(.noAnswer(reason.inWords))
        case .reply(let status, _):
            let canChange = (500...599).contains(status)
            return canChange && valueTries < Self.mostTries ? requestValue() : .failed(.status(status))
        }
    }

    private mutating func withoutToken(or reason: InstanceMetadataError.Reason) -> Step {
        token = nil
        return allowsVersion1 ? requestValue() : .failed(reason)
    }

    private mutating func requestValue() -> Step {
        valueTries += 1
        return .requestValue(token: token)
    }
}
