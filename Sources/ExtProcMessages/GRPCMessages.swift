package import NIOCore

/// The messages of one stream of gRPC, out of the pieces that it comes in: a byte that says whether it is compressed, four of
/// length, the message. https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md
package struct GRPCMessages: Sendable {
    package enum Failure: Error, Equatable, Sendable {
        /// It was never said that any compression is understood.
        case compressed
        /// - Parameter limit: in bytes.
        case tooLong(limit: Int)
    }

    private var received = ByteBuffer()
    /// The length of a message, in bytes.
    package var limit: Int
    private static let prefix = 5

    /// - Parameter limit: the length of a message, in bytes.
    package init(limit: Int) {
        self.limit = limit
    }

    /// What has come of a message that isn't whole, in bytes.
    package var unfinishedBytes: Int { received.readableBytes }

    package mutating func append(_ bytes: ByteBuffer) {
        if received.readableBytes == 0 {
            received = bytes
        } else {
            // A buffer that is written to keeps what was read, and messages of a long stream needn't end where pieces do.
            received.discardReadBytes()
            received.writeImmutableBuffer(bytes)
        }
    }

    /// - Returns: nil: no more is whole.
    package mutating func next() throws(Failure) -> ByteBuffer? {
        let start = received.readerIndex
        guard let flag: UInt8 = received.getInteger(at: start), let length: UInt32 = received.getInteger(at: start + 1)
        else { return nil }
        guard flag == 0 else { throw .compressed }
        guard Int(length) <= limit else { throw .tooLong(limit: limit) }
        guard received.readableBytes >= Self.prefix + Int(length) else { return nil }
        received.moveReaderIndex(forwardBy: Self.prefix)
        let message = received.readSlice(length: Int(length))
        if received.readableBytes == 0 { received = ByteBuffer() }
        return message
    }

    /// - Returns: a message as it goes out.
    package static func framed(_ message: ByteBuffer) -> ByteBuffer {
        var bytes = ByteBufferAllocator().buffer(capacity: prefix + message.readableBytes)
        bytes.writeInteger(UInt8(0))
        bytes.writeInteger(UInt32(clamping: message.readableBytes))
        bytes.writeImmutableBuffer(message)
        return bytes
    }
}
