// Hot: runs for every request.

import HTTPFraming
import NIOCore
import RequestRecords

/// Methods and paths as texts. The one of the request before is used again: nearly all requests of a fleet ask for the
/// same, and so nothing is allocated for them.
struct EndpointNames {
    private var bytes: [UInt8] = []
    private var name = ""

    /// - Parameter source: its readable bytes begin with the head.
    mutating func text(of head: borrowing RequestHead, in source: ByteBuffer) -> String {
        // Not so behind a target with a scheme and a host.
        let isOnePiece = head.methodName.upperBound + 1 == head.path.lowerBound
        let piece = head.methodName.lowerBound..<head.path.upperBound
        guard isOnePiece, piece.count <= RequestRecord.longestEndpoint else { return Self.made(of: head, in: source) }
        let isSame = source.withUnsafeReadableBytes { readable in
            bytes.elementsEqual(UnsafeRawBufferPointer(rebasing: readable[piece]))
        }
        if isSame { return name }
        bytes = Array(source.readableBytesView[relative: piece])
        name = String(decoding: bytes, as: UTF8.self)
        return name
    }

    private static func made(of head: borrowing RequestHead, in source: ByteBuffer) -> String {
        let bytes = source.readableBytesView
        let method = bytes[relative: head.methodName].prefix(RequestRecord.longestEndpoint / 2)
        let path = bytes[relative: head.path].prefix(RequestRecord.longestEndpoint - method.count - 1)
        return String(decoding: method, as: UTF8.self) + " " + String(decoding: path, as: UTF8.self)
    }
}
