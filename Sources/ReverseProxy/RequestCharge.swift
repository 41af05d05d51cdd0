import AccessControl
import LlamaServer

/// What was taken from a tenant's budget for a request, and what the request has turned out to cost.
struct RequestCharge {
    let taken: TokenCharge
    /// As its client is told.
    let status: BudgetStatus
    /// Of the estimate.
    let promptTokens: Int
    private var cost = Cost.nothing

    private enum Cost {
        /// No server has begun to answer.
        case nothing
        /// The answer didn't say.
        case asEstimated
        case tokens(Int)
    }

    init(taken: TokenCharge, status: BudgetStatus, promptTokens: Int) {
        self.taken = taken
        self.status = status
        self.promptTokens = promptTokens
    }

    /// Tokens.
    var actual: Int {
        switch cost {
        case .nothing: 0
        case .asEstimated: taken.estimate
        case .tokens(let count): count
        }
    }

    /// - Parameters:
    ///   - use: what the answer says of its tokens.
    ///   - status: of its head.
    mutating func answered(_ use: ReportedUsage?, status: Int) {
        if let use {
            cost = .tokens(use.promptComputed + use.promptCached + use.generated)
        } else {
            cost = status < 400 ? .asEstimated : .nothing
        }
    }

    /// The answer was left, or cut, before its end.
    ///
    /// - Parameter generated: as far as they were counted; nil: it wasn't a stream, and has come as a whole or not at all.
    mutating func left(generated: Int?) {
        cost = .tokens(promptTokens + (generated ?? 0))
    }

    /// The same, but that the server goes on without a client: nobody sees how much more it generates.
    mutating func goesOn(generated: Int?) {
        cost = .tokens(max(taken.estimate, promptTokens + (generated ?? 0)))
    }
}
