import LlamaServer

extension ErrorBody {
    /// What a stream's client is told last when nothing more comes.
    init(_ cut: AnswerCut) {
        switch cut {
        case .brokenOff:
            self.init(
                code: 502,
                message: "the llama.cpp server broke off this answer: what came so far is not all of it",
                type: "upstream_error"
            )
        case .silent(let limit):
            self.init(
                code: 504,
                message: """
                    the llama.cpp server said nothing more of this answer for \(limit.formattedInWords): \
                    what came so far is not all of it
                    """,
                type: "timeout_error"
            )
        case .shutdown:
            self.init(
                code: 503,
                message: "the balancer was stopped in the middle of this answer: what came so far is not all of it",
                type: "unavailable_error"
            )
        }
    }
}
