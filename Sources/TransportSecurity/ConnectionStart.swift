/// What a connection's first byte says of what is spoken on it.
package enum ConnectionStart: Equatable, Sendable {
    case tls
    /// HTTP without TLS.
    case plainHTTP
    case other

    package init(_ byte: UInt8) {
        switch byte {
        // RFC 8446 5.1: a record of type handshake.
        case 0x16: self = .tls
        // RFC 9110 9.1: a method. All that there are begin with a letter.
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"): self = .plainHTTP
        default: self = .other
        }
    }
}
