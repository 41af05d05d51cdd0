import Scheduling

// For traces: a line for an event, and not a page.

extension Decisions {
    var words: String {
        isEmpty ? "" : ": " + map(\.words).joined(separator: ", ")
    }
}

extension Decision {
    fileprivate var words: String {
        switch self {
        case .dispatch(let lease): "\(lease.request.rawValue) goes to \(lease.address)"
        case .reject(let id, let rejection): "\(id.rawValue) is rejected, \(rejection.words)"
        case .cooled(let id): "a slot of \(id.rawValue) is busy no longer"
        case .poll(let agent): "\(agent) is asked for a sample"
        case .send(let request, _, let route): "\(request.rawValue) goes to \(route.address) without a slot"
        case .wish(let wish, _, let agent): "\(agent) is to \(wish)"
        case .drained(let agent): "\(agent) is told that nothing runs"
        }
    }
}

extension Submission {
    var words: String {
        switch self {
        case .dispatch(let lease): "goes to \(lease.address)"
        case .queued: "waits"
        case .reject(let rejection): "is rejected, \(rejection.words)"
        }
    }
}

extension Rejection {
    fileprivate var words: String {
        switch self {
        case .noServer(let waited, _): "no server was usable for \(waited)"
        case .queueFull: "the queue is full"
        case .modelQueueFull: "the queue for its model is full"
        case .tenantQueueFull: "the queue of its tenant is full"
        case .tenantBusy: "its tenant has enough running"
        case .waitTooLong(let expected, _, _): "it would wait \(expected)"
        case .waitedTooLong(let waited, _): "it has waited \(waited)"
        case .attemptsExhausted(let attempts): "it was broken off \(attempts) times"
        case .shuttingDown: "for the shutdown"
        case .unknownModel(let model, _): "nobody serves \(model)"
        case .workNotServed(let work, _): "nobody does \(work)"
        case .modelFailed(let model, let reason): "\(model ?? "its model") can't be loaded: \(reason)"
        case .modelNotNamed: "it names no model"
        }
    }
}
