/// Why the balancer did not do what was asked. Its description is one line.
public enum ManagementClientError: Error, Equatable, CustomStringConvertible {
    case unknown(String, known: [String])
    case ambiguous(String, candidates: [String])
    /// Its agent is away.
    case left(String)
    case notLost(String)
    case unknownModel(String, known: [String])
    /// Nobody loads and unloads it.
    case notOnDemand(String)
    case notThere(String, String, servers: [String])
    case notLoaded(String, String, reason: String)
    case noAnswer(String, reason: String)
    case unauthorized(String, hasToken: Bool)
    case refused(String, status: Int, message: String?)
    case garbled(String)
    case undrained(String)
    case tooLong(String, running: Int)
    /// Of an agent with several models.
    case whichModel(String, models: [String])
    case noSuchModel(String, String, models: [String])
    /// Its agent, or the balancer, is gone.
    case logEnded(String)

    public var description: String {
        switch self {
        case .unknown(let word, let known):
            known.isEmpty
                ? "no server is called \(word): the balancer has none"
                : "no server is called \(word); there are \(Self.list(known))"
        case .ambiguous(let word, let candidates):
            "\(candidates.count) servers are called \(word); name one by its address: \(Self.list(candidates))"
        case .left(let server):
            "\(server) has no agent any more and gets no new requests"
        case .notLost(let server):
            "\(server) is not lost: stop its agent to take it out of the fleet"
        case .unknownModel(let model, let known):
            known.isEmpty
                ? "no server has the model \(model)" : "no server has the model \(model); there are \(Self.list(known))"
        case .notOnDemand(let model):
            "\(model) isn't loaded and unloaded by agents: whoever started its llama-server stops it"
        case .notThere(let model, let agent, let servers):
            "\(agent) hasn't the model \(model); those who have are \(Self.list(servers))"
        case .notLoaded(let model, let server, let reason):
            "\(server) hasn't loaded \(model): \(reason)"
        case .noAnswer(let balancer, let reason):
            "no balancer at \(balancer): \(reason) (see --management-addr)"
        case .unauthorized(let balancer, let hasToken):
            hasToken
                ? "the balancer at \(balancer) does not know this token (see --management-token)"
                : "the balancer at \(balancer) demands a token (see --management-token)"
        case .refused(let balancer, let status, let message):
            "the balancer at \(balancer) answered \(status)" + (message.map { ": \($0)" } ?? "")
        case .garbled(let balancer):
            "what \(balancer) answers is not a paddler balancer's list of agents (is this its management address?)"
        case .undrained(let server):
            "\(server) takes requests again: somebody undrained it"
        case .tooLong(let server, let running):
            "\(running) requests still run on \(server); it goes on draining"
        case .whichModel(let agent, let models):
            "\(agent) has several models; name one of them: \(Self.list(models))"
        case .noSuchModel(let model, let agent, let models):
            "\(agent) hasn't the model \(model)" + (models.isEmpty ? "" : "; it has \(Self.list(models))")
        case .logEnded(let server):
            "the log of \(server) has ended: its agent or the balancer is gone"
        }
    }

    /// Without the balancer's address, for where that stands already.
    package var reason: String {
        switch self {
        case .noAnswer(_, let reason): reason
        case .unauthorized(_, let hasToken):
            hasToken ? "it does not know this --management-token" : "it demands a token: pass --management-token"
        case .refused(_, let status, let message): "it answered \(status)" + (message.map { ": \($0)" } ?? "")
        case .garbled: "not a paddler balancer's management address"
        case .unknown, .ambiguous, .left, .notLost, .undrained, .tooLong, .unknownModel, .notOnDemand, .notThere,
            .notLoaded, .whichModel, .noSuchModel, .logEnded:
            description
        }
    }

    /// A fleet may be large.
    private static func list(_ texts: [String]) -> String {
        let shown = texts.prefix(20).joined(separator: ", ")
        return texts.count > 20 ? "\(shown) and \(texts.count - 20) more" : shown
    }
}
