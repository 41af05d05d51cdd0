// Hot path: `append` runs for every chunk of an event stream.

/// The end of what was relayed of an event stream, so that one knows whether an event of one's own may follow.
package struct EventStreamTail: Sendable {
    private static let chunkEnd: UInt64 = 0x0d0a
    private static let eventEnd: UInt64 = 0x0a0a

    private var lastBytes: UInt64 = 0
    private var isEmpty = true

    package init() {}

    package mutating func append(_ piece: borrowing Span<UInt8>) {
        let count = piece.count
        guard count > 0 else { return }
        isEmpty = false
        if count >= 8 {
            lastBytes = UInt64(bigEndian: piece.bytes.unsafeLoadUnaligned(fromByteOffset: count - 8, as: UInt64.self))
        } else {
            for index in piece.indices { lastBytes = lastBytes << 8 | UInt64(piece[index]) }
        }
    }

    /// Whether a payload ends between two events: behind an empty line, or before the first.
    package var endsBetweenEvents: Bool {
        isEmpty || lastBytes & 0xffff == Self.eventEnd
    }

    /// The same for a payload in chunks that ends between two of them.
    package var endsBetweenEventsInChunks: Bool {
        guard !isEmpty else { return true }
        // CR LF LF CR LF can also be a chunk of a single LF, which ends a line and perhaps no event.
        let mayBeChunkSize = lastBytes >> 32 & 0xff == 0x0d
        return lastBytes & 0xffff_ffff == Self.eventEnd << 16 | Self.chunkEnd && !mayBeChunkSize
    }
}
