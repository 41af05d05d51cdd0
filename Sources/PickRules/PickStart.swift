package import ExtProcMessages

/// A request whose head has come.
package struct PickStart: Equatable, Sendable {
    /// What of its body comes here.
    package enum Body: Equatable, Sendable {
        /// It has none.
        case none
        /// It has one, which Envoy sends to the server without telling it here.
        case untold
        /// It follows.
        case told
    }

    package let head: HeaderFields
    package let body: Body
    /// What Envoy calls the request, whichever of its attempts this is; nil: it sends each request once.
    package let attemptID: String?
    /// Whether the attempt before came to nothing.
    package let isAgain: Bool

    /// Of the call, not of the request: what `paddler envoy-config` prints has Envoy set it, and no client can. Without it the
    /// fields below are a client's, which Gateways pass on.
    package static let comesAgainField = "x-paddler-comes-again"
    /// Set by Envoy in what `paddler envoy-config` prints, and never a client's there.
    package static let attemptIDField = "x-paddler-request"
    /// Envoy's `include_request_attempt_count`; 1 is the first.
    package static let attemptCountField = "x-envoy-attempt-count"
    /// What tells Envoy to try again.
    package static let againField = "x-paddler-again"

    /// - Parameter comesAgain: whether its Envoy sends requests again.
    init(_ head: HeaderFields, isBodyTold: Bool, comesAgain: Bool) {
        self.head = head
        attemptID = comesAgain ? head[Self.attemptIDField].flatMap { $0.isEmpty ? nil : $0 } : nil
        isAgain = attemptID != nil && (head[Self.attemptCountField].flatMap { Int($0) } ?? 1) > 1
        body = head.endsStream ? .none : isBodyTold ? .told : .untold
    }
}
