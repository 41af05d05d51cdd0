import NIOCore
import NameResolution

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// Why datagrams don't get to their server, for people.
enum StatsDFailure {
    static func inWords(_ error: any Error) -> String {
        switch error {
        case NameLookupFailure.unknown: "the name cannot be resolved"
        case let error as IOError: inWords(error)
        case is ChannelError: "the system closed the socket"
        default: "\(error)"
        }
    }

    private static func inWords(_ error: IOError) -> String {
        switch error.errnoCode {
        case ECONNREFUSED: "nothing listens on this UDP port"
        case EHOSTUNREACH, ENETUNREACH: "no route to the machine"
        case EMSGSIZE: "the datagram is too long, shorten the tags"
        default: error.description
        }
    }
}
