package import PrintableText

/// Why there is no answer, or no more of one.
package enum TransportFailure: Error, Hashable {
    /// It didn't come within the limit.
    case late
    case connection(ConnectionFailure)

    /// Whether nothing was heard for too long.
    var isTimeout: Bool { self == .late || self == .connection(.late) }

    var inWords: String {
        switch self {
        case .late: "no answer in time"
        case .connection(let failure): failure.inWords
        }
    }
}
