import NIOCore
import NIOHTTP2

/// What a stream has written and its connection hasn't taken yet, and whether it is to write on.
struct StreamOutput {
    /// The weight of frames that are written and have not gone to the connection.
    private(set) var unsent = 0
    private var isBelowMark = true
    private var connectionIsWritable: Bool

    init(connectionIsWritable: Bool) {
        self.connectionIsWritable = connectionIsWritable
    }

    var isWritable: Bool { isBelowMark && connectionIsWritable }

    /// - Returns: whether that is so much that it is to stop.
    mutating func wrote(_ weight: Int) -> Bool {
        let wasWritable = isWritable
        unsent += weight
        if unsent > HTTP2Limits.watermark.high { isBelowMark = false }
        return isWritable != wasWritable
    }

    /// - Returns: whether it may go on.
    mutating func sent(_ weight: Int) -> Bool {
        let wasWritable = isWritable
        unsent -= weight
        if unsent < HTTP2Limits.watermark.low { isBelowMark = true }
        return isWritable != wasWritable
    }

    /// - Returns: whether that changes anything.
    mutating func connectionBecame(isWritable: Bool) -> Bool {
        let wasWritable = self.isWritable
        connectionIsWritable = isWritable
        return self.isWritable != wasWritable
    }

    static let weightOfHeaders = 1

    /// Pieces of a frame weigh as much as the frame; one without payload weighs something, too.
    static func weight(of data: HTTP2Frame.FramePayload.Data) -> Int {
        max(1, data.data.readableBytes)
    }
}
