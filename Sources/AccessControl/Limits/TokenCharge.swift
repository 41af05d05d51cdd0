/// What was taken from a tenant's budget for a request, before anybody knew what it would cost.
public struct TokenCharge: Equatable, Sendable {
    /// What the request was expected to cost, and what of that was taken.
    public let estimate: Int
    let takenOfMinute: Int
    let takenOfDay: Int
    /// To whose budget it belongs, since 1970-01-01; 0: there is no budget for a day.
    public let day: Int
}
