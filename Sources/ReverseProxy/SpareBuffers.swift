import NIOCore

/// Buffers that somebody was done with, for who needs one next: a request is read into one and becomes a message in another,
/// which would be a third of all that it allocates.
struct SpareBuffers {
    /// In bytes. Larger ones are for large bodies, and rare.
    private static let largest = 8192
    private static let most = 16

    private var buffers: [ByteBuffer] = []

    /// - Returns: an empty buffer.
    mutating func take(capacity: Int) -> ByteBuffer {
        guard capacity <= Self.largest, var buffer = buffers.popLast() else {
            return ByteBufferAllocator().buffer(capacity: capacity)
        }
        // New storage, should anybody hold on to the old one.
        buffer.clear(minimumCapacity: capacity)
        return buffer
    }

    mutating func give(_ buffer: ByteBuffer) {
        guard buffers.count < Self.most, buffer.storageCapacity <= Self.largest, buffer.storageCapacity > 0 else {
            return
        }
        buffers.append(buffer)
    }
}
