package import AgentProtocol

/// A question to llama-server.
package enum Probe: Hashable, Sendable, CaseIterable {
    /// Answered by llama-server's HTTP threads, whatever its slots do: late means wedged or overloaded.
    case health
    /// Answered likewise, and without waking a sleeping server.
    case props
    /// Answered likewise.
    case models
    /// Waits for the step that is being computed; in older builds for a whole prompt. Wakes a sleeping server.
    case slots
    /// Whether it was started for embeddings: llama-server says so before it looks at what is asked, which is nothing, and
    /// without a slot.
    case embeddings
    /// The same of reranking.
    case reranking

    /// What is sent, by POST; nil: nothing, by GET.
    package var body: String? {
        switch self {
        case .health, .props, .models, .slots: nil
        case .embeddings, .reranking: "{}"
        }
    }

    package var path: String {
        switch self {
        case .health: "/health"
        case .props: "/props"
        case .models: "/v1/models"
        case .slots: "/slots"
        case .embeddings: "/embeddings"
        case .reranking: "/rerank"
        }
    }

    /// The largest answer that is read. Props carry the chat template, slots their parameters and sometimes prompts.
    package var maximumReplyBytes: Int {
        switch self {
        case .health, .embeddings, .reranking: 64 * 1024
        case .props, .models: 4 * 1024 * 1024
        case .slots: 16 * 1024 * 1024
        }
    }

    package enum Answer: Equatable, Sendable {
        case reply(status: Int, body: [UInt8])
        case timedOut
        /// It isn't asked: whoever runs it knows that it is away.
        case absent(Condition)
        /// No connection, or a broken one, or what isn't HTTP: in words.
        case failed(String)

        /// nil without a reply.
        var status: Int? {
            if case .reply(let status, _) = self { status } else { nil }
        }
    }
}
