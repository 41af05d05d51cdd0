/// Why a name has no address. Its description is for people.
public enum NameLookupFailure: Error, Equatable, CustomStringConvertible {
    case unknown(String)
    /// Nobody said anything about it for some seconds.
    case noAnswer(String)

    public var description: String {
        switch self {
        case .unknown(let name): "the name \(name) cannot be resolved"
        case .noAnswer(let name): "the name server doesn't answer for the name \(name)"
        }
    }
}
