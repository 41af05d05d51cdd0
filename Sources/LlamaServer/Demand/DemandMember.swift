/// The members of a request's body, besides its model and its prompt, that tell what it asks of whoever chooses its server.
enum DemandMember: Int {
    /// Answers to one prompt.
    case answers
    /// The same by llama-server's own name, which counts if both are there.
    case answersByOwnName
    case content
    case documents
    case texts
    case promptCacheKey
    case safetyIdentifier
    case user
    case mostTokens
    case mostTokensByOwnName
    case mostTokensOfAnswer
    case mostTokensOfChat

    init?(named name: borrowing Span<UInt8>) {
        let found: DemandMember? =
            switch name.count {
            case 1: name.equals("n") ? .answers : nil
            case 4: name.equals("user") ? .user : nil
            case 5: name.equals("texts") ? .texts : nil
            case 6: name.equals("n_cmpl") ? .answersByOwnName : nil
            case 7: name.equals("content") ? .content : nil
            case 9: name.equals("documents") ? .documents : name.equals("n_predict") ? .mostTokensByOwnName : nil
            case 10: name.equals("max_tokens") ? .mostTokens : nil
            case 16: name.equals("prompt_cache_key") ? .promptCacheKey : nil
            case 17:
                name.equals("safety_identifier")
                    ? .safetyIdentifier : name.equals("max_output_tokens") ? .mostTokensOfAnswer : nil
            case 21: name.equals("max_completion_tokens") ? .mostTokensOfChat : nil
            default: nil
            }
        guard let found else { return nil }
        self = found
    }
}
