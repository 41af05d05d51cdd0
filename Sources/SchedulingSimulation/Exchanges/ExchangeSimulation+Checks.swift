import ProxyExchange
import Scheduling

// What each client must have got.

extension ExchangeSimulation {
    /// It was told that this is all.
    func checkWhole(_ client: SimulatedClient) throws(Violation) {
        guard let (payload, isWhole) = client.understood(), isWhole else {
            throw Violation(.wholeResponses, "\(client.number) can't tell that it has all of its response")
        }
        guard let response = client.responses.last else {
            throw Violation(.ownResponses, "\(client.number) has a response that no server gave")
        }
        let got = withoutComments(payload)
        // As an event, since the client had got a stream's head.
        let isEvent = client.hasOwnStart && !(response.isStream)
        let expected = isEvent ? "data: \(response.payload)\n\n" : response.payload
        guard got == expected else {
            throw Violation(
                .ownResponses,
                "\(client.number) got \(got.debugDescription), and not \(expected.debugDescription)"
            )
        }
        try checkExecutions(client)
    }

    /// It can't take this for all.
    func checkCut(_ client: SimulatedClient, _ form: ResponseRelay.CutForm) throws(Violation) {
        let (payload, isWhole) = client.understood() ?? ("", false)
        let isTold = payload.hasSuffix(Self.errorEvent)
        guard !isWhole || isTold else {
            throw Violation(.wholeResponses, "\(client.number) takes a part of its response for all of it")
        }
        var got = payload
        if case .event = form {
            guard isTold else { throw Violation(.comments, "the cut of \(client.number) is said within an event") }
            got = String(payload.dropLast(Self.errorEvent.count))
        }
        got = withoutComments(got)
        guard let response = client.responses.last, response.payload.hasPrefix(got) else {
            throw Violation(.ownResponses, "\(client.number) got \(got.debugDescription), which isn't of its response")
        }
        try checkExecutions(client)
    }

    /// Comments stand between events, so that taking them out leaves what was sent; one within an event is left.
    private func withoutComments(_ payload: String) -> String {
        let events = payload.split(separator: "\n\n", omittingEmptySubsequences: false)
        return events.filter { $0 != Self.comment.dropLast(2) }.joined(separator: "\n\n")
    }

    private func checkExecutions(_ client: SimulatedClient) throws(Violation) {
        let limit = client.dialect == nil ? limits.attemptsAfterSend : maximumAttempts
        guard client.executions.count <= max(limit, 1) else {
            throw Violation(.attempts, "\(client.number) was executed \(client.executions.count) times")
        }
    }
}
