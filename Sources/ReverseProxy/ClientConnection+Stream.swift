import HTTP2Front
import NIOCore

// What a stream of HTTP/2 tells, as NIO does of a socket.

extension ClientConnection: StreamServer {
    func streamOpened() {
        opened()
    }

    func streamReceived(_ bytes: ByteBuffer) {
        take(bytes)
    }

    func streamMayRead() -> Bool {
        mayRead()
    }

    func streamWritabilityChanged(_ isWritable: Bool) {
        became(isWritable: isWritable)
    }

    func streamClosed() {
        closed()
    }
}
