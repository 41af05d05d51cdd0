// Hot path: `append` runs for every chunk of an event stream.

import NIOCore

/// The end of what was relayed of an event stream, so that one knows whether an event of one's own may follow.
struct EventStreamTail {
    private static let chunkEnd: UInt64 = 0x0d0a
    private static let eventEnd: UInt64 = 0x0a0a

    private var lastBytes: UInt64 = 0
    private var isEmpty = true

    mutating func append(_ piece: ByteBuffer) {
        let count = piece.readableBytes
        guard count > 0 else { return }
        isEmpty = false
        if count >= 8 {
            lastBytes = piece.getInteger(at: piece.writerIndex - 8, as: UInt64.self) ?? 0
        } else {
            for byte in piece.readableBytesView { lastBytes = lastBytes << 8 | UInt64(byte) }
        }
    }

    /// Whether a payload ends between two events: behind an empty line, or before the first.
    var endsBetweenEvents: Bool {
        isEmpty || lastBytes & 0xffff == Self.eventEnd
    }

    /// The same for a payload in chunks that ends between two of them.
    var endsBetweenEventsInChunks: Bool {
        guard !isEmpty else { return true }
        // CR LF LF CR LF can also be a chunk of a single LF, which ends a line and perhaps no event.
        let mayBeChunkSize = lastBytes >> 32 & 0xff == 0x0d
        return lastBytes & 0xffff_ffff == Self.eventEnd << 16 | Self.chunkEnd && !mayBeChunkSize
    }
}
