/// A fault that stays, as `POST /fake/fault` asks for it.
struct StandingFault: Codable, Sendable {
    var kind: FaultKind
    /// How many requests it strikes; none is all, until it is cleared.
    var count: Int?
    /// The one path it strikes; none is what suits the kind, for most the slots' endpoints.
    var path: String?
    /// After how many tokens a fault in mid-stream strikes.
    var afterTokens: Int?

    enum CodingKeys: String, CodingKey {
        case kind, count, path
        case afterTokens = "after_tokens"
    }

    func strikes(path requested: String, isSlotEndpoint: Bool, isReused: Bool) -> Bool {
        if kind == .closeOnReuse, !isReused { return false }
        if let path { return path == requested }
        return switch kind {
        case .loading: true
        case .unauthorized, .slotsDisabled: requested == "/slots"
        case .healthHang: requested == "/health"
        case .refuse, .closeIdle, .stall: false
        default: isSlotEndpoint
        }
    }
}
