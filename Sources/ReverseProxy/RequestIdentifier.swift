import NIOCore

/// The `X-Request-Id` of one request: the client's own, or one made here.
enum RequestIdentifier {
    case made(UInt64, UInt64)
    case given(ByteBuffer)

    /// Longer ones, and ones that a log could be confused by, are replaced by one of our own.
    private static let maximumLength = 128

    /// The client's, if it is fit to be passed on.
    init?(given value: ByteBuffer) {
        let bytes = value.readableBytesView
        guard !bytes.isEmpty, bytes.count <= Self.maximumLength, bytes.allSatisfy({ $0 > 0x20 && $0 < 0x7f }) else {
            return nil
        }
        // A copy of its own: a slice would keep a whole receive buffer from being used again.
        self = .given(ByteBuffer(bytes: bytes))
    }

    func write(into buffer: inout ByteBuffer) {
        switch self {
        case .given(let value):
            buffer.writeImmutableBuffer(value)
        case .made(let high, let low):
            Self.writeHex(high, into: &buffer)
            Self.writeHex(low, into: &buffer)
        }
    }

    private static func writeHex(_ value: UInt64, into buffer: inout ByteBuffer) {
        buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: 16) { target in
            for index in 0..<16 {
                let digit = UInt8(truncatingIfNeeded: value >> UInt64(60 - 4 * index)) & 0xf
                target[index] = digit < 10 ? 0x30 + digit : 0x57 + digit
            }
            return 16
        }
    }
}

extension RequestIdentifier: CustomStringConvertible {
    var description: String {
        var buffer = ByteBuffer()
        write(into: &buffer)
        return String(buffer: buffer)
    }
}
