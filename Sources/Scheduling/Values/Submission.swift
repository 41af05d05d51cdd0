public import LlamaServer

/// What becomes of a request that was handed in.
public enum Submission: Equatable, Sendable {
    /// It has its slot.
    case dispatch(Lease)
    /// It waits: a ``Decision`` about it follows.
    case queued(QueueTicket)
    /// It is over.
    case reject(Rejection)
}

/// What becomes of a request that needs no slot.
public enum SlotlessSubmission: Equatable, Sendable {
    case send(UpstreamID, UpstreamRoute)
    /// No server is usable: a ``Decision`` about it follows.
    case waits
    case reject(Rejection)
}

/// Why a request is over before it has been answered.
public enum Rejection: Equatable, Sendable {
    /// No slot was idle, and as many requests as may wait were waiting.
    case queueFull(limit: Int, FleetSummary)
    /// The same of what a ``ModelRules`` allows to wait for this model.
    case modelQueueFull(String, limit: Int, FleetSummary)
    /// As many requests of its tenant as may wait were waiting.
    case tenantQueueFull(limit: Int, FleetSummary)
    /// It is for one server, where it can't wait, and as many requests of its tenant as may run were running.
    case tenantBusy(limit: Int)
    /// From how long requests take and how many wait it can be told that it would wait too long.
    case waitTooLong(expected: Duration, limit: Duration, FleetSummary)
    /// The sum of its waits reached the limit.
    case waitedTooLong(waited: Duration, FleetSummary)
    /// So many times an upstream ended the connection instead of answering.
    case attemptsExhausted(attempts: Int)
    /// It needs no slot, and no server was usable for so long.
    case noServer(waited: Duration, FleetSummary)
    /// No server goes by that name, and there are several models, or ``Scheduler/Configuration/strictModels``.
    ///
    /// - Parameter known: the names that there are.
    case unknownModel(String, known: [String])
    /// It names no model, there are several, and none of them is the default.
    case modelNotNamed(known: [String])
    /// None of the servers that it may go to was started for such work.
    ///
    /// - Parameter model: as the request names it; nil: it names none.
    case workNotServed(ServerRole, model: String?)
    /// It can't be loaded anywhere.
    ///
    /// - Parameter reason: of one of the servers that were to load it.
    case modelFailed(String?, reason: String)
    case shuttingDown
}
