package import NIOCore
package import NIOHTTP2

/// What tells a client to open no more streams, RFC 9113 6.8: a GOAWAY that refuses none yet, and a PING, whose echo says that it
/// has been heard.
package enum EndAnnouncement {
    /// `paddler!`
    private static let pingData: UInt64 = 0x7061_6464_6C65_7221

    package static let frames: ByteBuffer = {
        var frames = ByteBuffer()
        frames.writeFrameHead(length: 8, type: 7)
        frames.writeInteger(UInt32(Int32.max))
        frames.writeInteger(UInt32(0))
        frames.writeFrameHead(length: 8, type: 6)
        frames.writeInteger(pingData)
        return frames
    }()

    package static func isEcho(_ data: HTTP2PingData) -> Bool {
        data.integer == pingData
    }
}

extension ByteBuffer {
    /// Of a frame of the connection, without flags: RFC 9113 4.1.
    fileprivate mutating func writeFrameHead(length: UInt8, type: UInt8) {
        writeBytes([0, 0, length, type, 0, 0, 0, 0, 0])
    }
}
