/// How an agent went.
public enum Departure: Equatable, Sendable {
    /// It said goodbye.
    case goodbye
    /// It speaks for another address now.
    case moved
    /// The balancer ended its connection: it stops, or had refused what the agent said.
    case dismissed
    /// The balancer closed its connection: the token that it had shown is none of the management tokens any more.
    case tokenWithdrawn
    /// The balancer closed its connection: the certificate that it had shown has expired, or its authority is none any more.
    case certificateWithdrawn
    /// Its connection ended without a goodbye.
    case connectionEnded
    /// It has said nothing for so long.
    case silence(Duration)

    /// Whether nobody said that the server would go, so that somebody has to look.
    public var isLoss: Bool {
        switch self {
        case .goodbye, .moved, .dismissed: false
        case .tokenWithdrawn, .certificateWithdrawn, .connectionEnded, .silence: true
        }
    }

    /// In words that follow on a server's name.
    public var inWords: String {
        switch self {
        case .goodbye: "its agent said goodbye"
        case .moved: "its agent speaks for another address now"
        case .dismissed: "the balancer ended the connection of its agent"
        case .tokenWithdrawn: "its agent's token is not one of the management tokens any more"
        case .certificateWithdrawn: "its agent's certificate has expired, or its authority is not known here any more"
        case .connectionEnded: "the connection of its agent ended without a goodbye"
        case .silence(let duration): "its agent has said nothing for \(duration.components.seconds) s"
        }
    }
}
