// Hot: runs for every request.

import HTTPFraming
import NIOCore
import RequestRecords

/// Methods and paths as texts. The one of the request before is used again: nearly all requests of a fleet ask for the
/// same, and so nothing is allocated for them.
struct EndpointNames {
    private var bytes = ByteBuffer()
    private var name = ""

    /// - Parameter source: its readable bytes begin with the head.
    mutating func text(of head: borrowing RequestHead, in source: ByteBuffer) -> String {
        // Not so behind a target with a scheme and a host.
        let isOnePiece = head.methodName.upperBound + 1 == head.path.lowerBound
        let piece = head.methodName.lowerBound..<head.path.upperBound
        guard isOnePiece, piece.count <= RequestRecord.longestEndpoint else { return Self.made(of: head, in: source) }
        guard let slice = source.getSlice(at: source.readerIndex + piece.lowerBound, length: piece.count) else {
            return Self.made(of: head, in: source)
        }
        guard slice != bytes else { return name }
        // Bytes of its own: the slice would hold on to all that was received.
        bytes = ByteBuffer(bytes: slice.readableBytesView)
        name = String(buffer: bytes)
        return name
    }

    private static func made(of head: borrowing RequestHead, in source: ByteBuffer) -> String {
        let bytes = source.readableBytesView
        let method = bytes[relative: head.methodName].prefix(RequestRecord.longestEndpoint / 2)
        let path = bytes[relative: head.path].prefix(RequestRecord.longestEndpoint - method.count - 1)
        return String(decoding: method, as: UTF8.self) + " " + String(decoding: path, as: UTF8.self)
    }
}
