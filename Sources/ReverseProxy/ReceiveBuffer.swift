import NIOCore

/// Bytes that were received and not yet used, in room that is in proportion to them.
///
/// A `ByteBuffer` that is appended to keeps what was read of it in front, so that a peer whose reads never end where a
/// message ends would have it grow by every byte that it sends.
struct ReceiveBuffer {
    private(set) var bytes = ByteBuffer()

    /// In bytes. Less room isn't worth a copy.
    private static let small = 4096

    var isEmpty: Bool { bytes.readableBytes == 0 }

    /// What it takes of memory, in bytes.
    var heldBytes: Int { isEmpty ? 0 : bytes.storageCapacity }

    mutating func append(_ piece: ByteBuffer) {
        guard !isEmpty else { return bytes = piece }
        bytes.discardReadBytes()
        bytes.writeImmutableBuffer(piece)
    }

    mutating func use(_ count: Int) {
        bytes.moveReaderIndex(forwardBy: count)
    }

    mutating func useAll() {
        bytes.moveReaderIndex(to: bytes.writerIndex)
    }

    /// Lets go of room that its bytes don't need.
    mutating func trim(into spares: inout SpareBuffers) {
        let count = bytes.readableBytes
        guard count == 0 || bytes.storageCapacity > max(Self.small, 4 * count) else { return }
        let former = bytes
        bytes = ByteBuffer()
        if count > 0 {
            bytes = spares.take(capacity: count)
            bytes.writeImmutableBuffer(former)
        }
        spares.give(former)
    }
}
