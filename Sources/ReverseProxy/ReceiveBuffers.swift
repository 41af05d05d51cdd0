import NIOCore

/// Where requests are read to: into a buffer of its own for each read, which is gone after its last use.
///
/// NIO's allocators keep a connection's buffer as long as the connection, and as large as its largest read: up to 64 kB
/// for each stream whose prompt was long, and while it is answered the client has nothing to say. With
/// `maxMessagesPerRead` at 1 this one has NIO keep none but the first. Answers are read otherwise: piece by piece.
struct ReceiveBuffers: RecvByteBufferAllocator {
    /// In bytes: a small request's head fits.
    private static let first = 512

    /// Big bodies grow it.
    private var sizes = AdaptiveRecvByteBufferAllocator(minimum: 4096, initial: 4096, maximum: 65536)
    private var hasRead = false

    func buffer(allocator: ByteBufferAllocator) -> ByteBuffer {
        hasRead ? sizes.buffer(allocator: allocator) : allocator.buffer(capacity: Self.first)
    }

    /// - Returns: true, so that NIO doesn't use the one that it keeps.
    mutating func record(actualReadBytes: Int) -> Bool {
        if hasRead { _ = sizes.record(actualReadBytes: actualReadBytes) }
        hasRead = true
        return true
    }
}
