import LlamaServer
import Scheduling

/// What a request can be expected to cost, before a server has seen it.
struct TokenEstimate: Equatable {
    /// In tokens.
    var prompt: Int
    var generated: Int

    /// - Parameters:
    ///   - promptBytes: without images and sounds, where that is known.
    ///   - mostGenerated: in tokens, of one answer; 0: the request doesn't say.
    ///   - answers: how many it asks for.
    init(promptBytes: Int, mostGenerated: Int, answers: Int) {
        prompt = Int((Double(promptBytes) * PromptSize.usualTokensPerByte).rounded(.up))
        generated = mostGenerated * answers
    }

    var total: Int { prompt + generated }
}

extension RequestMessage {
    /// - Parameter demand: what the whole message asks for.
    func tokenEstimate(_ demand: RequestDemand) -> TokenEstimate {
        if demand.size.text > 0 {
            return TokenEstimate(
                promptBytes: demand.size.text,
                mostGenerated: demand.size.generated,
                answers: demand.answers
            )
        }
        // Read once more: what the scheduler wants to know it wants of long ones alone.
        let mostGenerated = withBody { body in
            var scan = RequestBodyScan()
            scan.read(body)
            return scan.mostTokens(body)
        }
        return TokenEstimate(promptBytes: bodyBytes, mostGenerated: mostGenerated, answers: demand.answers)
    }
}
