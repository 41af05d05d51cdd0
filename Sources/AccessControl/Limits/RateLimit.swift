/// Which limit of a tenant's refuses a request.
public enum RateLimit: Equatable, Sendable {
    case requestsPerMinute(Int)
    case tokensPerMinute(Int)
    case tokensPerDay(Int)
}
