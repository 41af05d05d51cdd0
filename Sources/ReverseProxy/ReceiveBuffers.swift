import NIOCore

/// Where requests are read to: into another buffer for each read, which is its loop's again after its last use.
///
/// NIO's allocators keep a connection's buffer as long as the connection, and as large as its largest read: up to 64 kB
/// for each stream whose prompt was long, and while it is answered the client has nothing to say. With
/// `maxMessagesPerRead` at 1 this one has NIO keep none but the first. Answers are read otherwise: piece by piece.
struct ReceiveBuffers: RecvByteBufferAllocator {
    private let loop: NIOLoopBound<ProxyLoop>
    private var hasRead = false
    /// Of the next one, in bytes: as large as reads were lately.
    private var size = smallest

    /// In bytes: a small request's head fits.
    private static let first = 512
    private static let smallest = 4096
    private static let largest = 65536

    init(_ loop: NIOLoopBound<ProxyLoop>) {
        self.loop = loop
    }

    func buffer(allocator: ByteBufferAllocator) -> ByteBuffer {
        hasRead ? loop.value.spareBuffers.take(capacity: size) : allocator.buffer(capacity: Self.first)
    }

    /// - Returns: true, so that NIO doesn't use the one that it keeps.
    mutating func record(actualReadBytes count: Int) -> Bool {
        if hasRead {
            if count >= size {
                size = min(2 * size, Self.largest)
            } else if count <= size / 2 {
                size = max(size / 2, Self.smallest)
            }
        }
        hasRead = true
        return true
    }
}
