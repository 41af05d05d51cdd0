import PrintableText
import RequestRecords
import Scheduling

// Requests that mean one of several servers, and don't say which, or name one that can't be meant.

extension LocalAnswer {
    /// - Parameter known: some of those that there are.
    init(_ objection: Ownership.Objection, known: [NamedUpstream], registered: Int) {
        switch objection {
        case .notNamed:
            self.init(
                status: 400,
                type: "invalid_request_error",
                message: """
                    this path belongs to one particular llama.cpp server, and \(registered) are registered here: name one in the \
                    header X-Paddler-Agent; there is: \(Self.list(known, of: registered))
                    """,
                refusal: .oneServerOnly
            )
        case .unknown(let word):
            self.init(
                status: 404,
                type: "not_found_error",
                message: known.isEmpty
                    ? "no agent goes by '\(Self.short(word))', which X-Paddler-Agent names, and none has registered"
                    : """
                    no agent goes by '\(Self.short(word))', which X-Paddler-Agent names; there is: \
                    \(Self.list(known, of: registered))
                    """,
                refusal: .unknownAgent
            )
        case .ambiguous(let word, let upstreams):
            self.init(
                status: 400,
                type: "invalid_request_error",
                message: """
                    '\(Self.short(word))', which X-Paddler-Agent names, may be one of \(upstreams.count) agents: name one by its id; \
                    there is: \(Self.list(upstreams, of: upstreams.count, by: \.agent.rawValue))
                    """,
                refusal: .unknownAgent
            )
        case .notUsable(let upstream):
            self.init(
                status: 503,
                type: "unavailable_error",
                message: """
                    the llama.cpp server of '\(Self.short(upstream.word))', which X-Paddler-Agent names, gets no requests now: it \
                    isn't ready, or is being drained
                    """,
                retryAfterSeconds: 1,
                refusal: .noServer
            )
        }
    }

    static var modelNotNamedForWish: LocalAnswer {
        LocalAnswer(
            status: 400,
            type: "invalid_request_error",
            message: "which model? Name it in the body, as in {\"model\":\"qwen3-8b\"}",
            outcome: .refused(.modelNotNamed)
        )
    }

    static func notOnDemand(_ model: String) -> LocalAnswer {
        LocalAnswer(
            status: 400,
            type: "invalid_request_error",
            message:
                "the model '\(short(model))' isn't loaded and unloaded by agents: its llama.cpp server runs all the time",
            refusal: .oneServerOnly
        )
    }

    static var noConversation: LocalAnswer {
        LocalAnswer(
            status: 404,
            type: "not_found_error",
            message:
                "File Not Found: no llama.cpp server that is registered here runs or holds an answer of this conversation",
            outcome: .refused(.unknownConversation)
        )
    }

    static func noServerAnswered(servers: Int) -> LocalAnswer {
        LocalAnswer(
            status: 502,
            type: "upstream_error",
            message: "none of the \(servers) llama.cpp servers that were asked has answered",
            outcome: .failed(.nobodyAnswered)
        )
    }

    /// How many names an answer lists.
    static let mostNames = 50

    private static func list(
        _ upstreams: [NamedUpstream],
        of count: Int,
        by name: (NamedUpstream) -> String = \.word
    ) -> String {
        let listed = upstreams.prefix(mostNames).map(name).sorted().map { "'\(short($0))'" }
        let rest = count - listed.count
        return listed.joined(separator: ", ") + (rest > 0 ? ", and \(rest) more" : "")
    }

    static func tooManyServers(limit: Int) -> LocalAnswer {
        LocalAnswer(
            status: 400,
            type: "invalid_request_error",
            message: """
                this is for all llama.cpp servers, and there are more than the \(limit) that are told at one time: name one after \
                the other in the header X-Paddler-Agent
                """,
            outcome: .refused(.tooManyServers)
        )
    }
}
