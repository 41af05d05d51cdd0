/// What llama-swap's own configuration says, as far as it means something here.
struct LlamaSwapConfiguration: Equatable {
    var models: [ModelEntry] = []
    /// What clients have to show.
    var apiKeys: [String] = []
    /// How long a model may load; here it counts silence alone.
    var loadTimeout: Duration?
    /// Whether streams are told how a load goes.
    var tellsLoading = false
    /// What means nothing here, or isn't done.
    var leftOut: [LeftOut] = []

    struct LeftOut: Equatable, CustomStringConvertible {
        let key: String
        /// Of which it is said; empty: of all.
        var models: [String] = []
        let reason: String

        var description: String {
            let of = models.isEmpty ? "" : " (of \(models.joined(separator: ", ")))"
            return "llama-swap's \(key)\(of) is left out: \(reason)"
        }
    }

    /// Of several models with the same, one is told.
    mutating func leaveOut(_ key: String, of model: String? = nil, _ reason: String) {
        if let index = leftOut.firstIndex(where: { $0.key == key && $0.reason == reason }) {
            if let model { leftOut[index].models.append(model) }
        } else {
            leftOut.append(LeftOut(key: key, models: model.map { [$0] } ?? [], reason: reason))
        }
    }
}
