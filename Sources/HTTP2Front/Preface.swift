/// What a client begins with that speaks HTTP/2, RFC 9113 3.4. No request of HTTP/1.1 begins so.
package enum Preface {
    package enum Match: Equatable, Sendable {
        /// Another protocol.
        case no
        /// As far as it has come.
        case sofar
        case whole
    }

    private static let text: StaticString = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"

    /// - Parameter bytes: all that a client has sent, or the beginning of it.
    package static func match(_ bytes: Span<UInt8>) -> Match {
        let length = text.utf8CodeUnitCount
        for offset in 0..<min(bytes.count, length) where bytes[offset] != text.utf8Start[offset] { return .no }
        return bytes.count < length ? .sofar : .whole
    }
}
