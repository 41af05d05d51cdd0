import ProxyExchange
import Scheduling

// What each client must have got.

extension ExchangeSimulation {
    /// It was told that this is all.
    func checkWhole(_ client: SimulatedClient, endsByClose: Bool) throws(Violation) {
        guard let (payload, isWhole) = client.understood(endsByClose: endsByClose), isWhole else {
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
        let (payload, isWhole) = client.understood(endsByClose: form != .reset) ?? ("", false)
        let isTold = payload.hasSuffix(Self.errorEvent)
        guard !isWhole || isTold else {
            throw Violation(.wholeResponses, "\(client.number) takes a part of its response for all of it")
        }
        var got = payload
        if case .event = form {
            guard isTold else {
                throw Violation(.comments, "the cut of \(client.number) is said where nobody reads it")
            }
            got = String(payload.dropLast(Self.errorEvent.count))
            guard got.isEmpty || got.hasSuffix("\n\n") else {
                throw Violation(.comments, "the cut of \(client.number) is said within an event")
            }
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
        let slotless = client.isIdempotent ? limits.attemptsAfterSend : 1
        let limit = client.dialect == nil ? slotless : maximumAttempts
        guard client.executions.count <= max(limit, 1) else {
            throw Violation(.attempts, "\(client.number) was executed \(client.executions.count) times")
        }
    }

    /// It is told of a failure that there was.
    func checkEnding(_ ending: Exchange.Ending, of client: SimulatedClient) throws(Violation) {
        switch ending {
        case .brokenOff, .serverDied:
            guard client.mayHaveBeenRead else {
                throw Violation(.attempts, "\(client.number) is given up, and no server has read any of it")
            }
        case .noMeans:
            let since = client.withoutMeansSince ?? now
            guard now - since >= limits.connect else {
                throw Violation(.deadlines, "\(client.number) is given up after \(now - since) without means")
            }
        case .rejected, .noConnection, .malformed:
            break
        }
    }
}
