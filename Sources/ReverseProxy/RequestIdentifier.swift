import NIOCore

/// The `X-Request-Id` of one request: the client's own, or one made here.
enum RequestIdentifier {
    case made(UInt64, UInt64)
    case given(ByteBuffer)

    /// Longer ones, and ones that a log could be confused by, are replaced by one of our own.
    static let maximumLength = 128

    /// The client's, if it is fit to be passed on.
    init?(given value: ByteBuffer) {
        let bytes = value.readableBytesView
        guard !bytes.isEmpty, bytes.count <= Self.maximumLength, bytes.allSatisfy({ $0 > 0x20 && $0 < 0x7f }) else {
            return nil
        }
        // A copy of its own: a slice would keep a whole receive buffer from being used again.
        self = .given(ByteBuffer(bytes: bytes))
    }

    func write(into output: inout OutputRawSpan) {
        switch self {
        case .given(let value):
            output.append(value.readableBytesSpan)
        case .made(let high, let low):
            output.appendHex(high)
            output.appendHex(low)
        }
    }
}

extension RequestIdentifier: CustomStringConvertible {
    var description: String {
        let buffer = ByteBuffer(initialCapacity: Self.maximumLength) { write(into: &$0) }
        return String(buffer: buffer)
    }
}
