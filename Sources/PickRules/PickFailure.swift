/// How an attempt ended before the first byte of an answer, by Envoy's word.
package enum PickFailure: Equatable, Sendable {
    /// Nothing was sent.
    case notConnected
    /// Nothing was sent, and that says nothing of the server: Envoy has as many connections or requests as it may.
    case envoyIsFull
    /// The connection ended, or what came was no HTTP: the request may have been executed.
    case brokenOff
    /// The server itself answered 503: it has executed nothing.
    case unavailable

    /// - Parameters:
    ///   - status: of the head that Envoy has for its client.
    ///   - flags: bits of Envoy's `StreamInfo::CoreResponseFlag`.
    /// - Returns: nil: it is an answer.
    init?(status: Int, flags: UInt64) {
        // UF, and UH: nobody is there to be connected to.
        if flags & (0x20 | 0x02) != 0 {
            self = .notConnected
        } else if flags & 0x80 != 0 {  // UO
            self = .envoyIsFull
        } else if flags & (0x40 | 0x10 | 0x80_0000) != 0 {  // UC, UR and UPE
            self = .brokenOff
        } else if status == 503, flags == 0 {
            self = .unavailable
        } else {
            return nil
        }
    }
}
