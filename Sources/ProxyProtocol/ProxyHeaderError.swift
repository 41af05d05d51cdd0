/// Why a connection has no header in front that can be used. Its description goes on after the connection.
public enum ProxyHeaderError: Error, Equatable, Sendable, CaseIterable, CustomStringConvertible {
    case missing
    case lineTooLong, malformedLine, malformedAddress
    case unknownVersion, unknownCommand, unknownFamily
    case addressesTooShort, tooLong

    public var description: String {
        switch self {
        case .missing: "it begins with no PROXY header"
        case .lineTooLong: "its PROXY line has no end within 107 bytes"
        case .malformedLine: "its PROXY line has not the form PROXY TCP4|TCP6 CLIENT SERVER PORT PORT"
        case .malformedAddress: "its PROXY line has an address or a port that is none"
        case .unknownVersion: "its PROXY header is of a version that nobody has defined"
        case .unknownCommand: "its PROXY header has a command that nobody has defined"
        case .unknownFamily: "its PROXY header has an address family or a transport that nobody has defined"
        case .addressesTooShort: "its PROXY header is too short for the addresses that it announces"
        case .tooLong: "its PROXY header is longer than \(ProxyHeader.longest) bytes"
        }
    }
}
