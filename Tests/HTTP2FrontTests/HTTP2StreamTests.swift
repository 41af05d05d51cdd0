import NIOCore
import NIOEmbedded
import Testing

@testable import HTTP2Front

@Suite("A stream of HTTP/2, as what serves HTTP/1.1 sees it")
struct HTTP2StreamTests {
    private final class Server: StreamServer {
        let stream: HTTP2Stream<Server>
        var mayRead = true
        private(set) var received = ""
        private(set) var isClosed = false

        init(_ stream: HTTP2Stream<Server>) {
            self.stream = stream
        }

        func streamOpened() {}
        func streamReceived(_ bytes: ByteBuffer) { received += String(buffer: bytes) }
        func streamMayRead() -> Bool { mayRead }
        func streamWritabilityChanged(_ isWritable: Bool) {}
        func streamClosed() { isClosed = true }
    }

    private struct Frame: Equatable {
        let kind: UInt8
        let flags: UInt8
        let stream: UInt32
        let payload: [UInt8]

        init(_ kind: UInt8, flags: UInt8 = 0, on stream: UInt32 = 0, _ payload: [UInt8] = []) {
            self.kind = kind
            self.flags = flags
            self.stream = stream
            self.payload = payload
        }

        static let data: UInt8 = 0
        static let headers: UInt8 = 1
        static let settings: UInt8 = 4
        static let windowUpdate: UInt8 = 8
        static let endStream: UInt8 = 1
        static let acknowledges: UInt8 = 1
        static let endHeaders: UInt8 = 4

        func write(into buffer: inout ByteBuffer) {
            buffer.writeInteger(UInt32(payload.count) << 8 | UInt32(kind))
            buffer.writeInteger(flags)
            buffer.writeInteger(stream)
            buffer.writeBytes(payload)
        }

        static func all(in buffer: ByteBuffer) -> [Frame] {
            var buffer = buffer
            var frames: [Frame] = []
            while let head = buffer.readInteger(as: UInt32.self), let flags = buffer.readInteger(as: UInt8.self),
                let stream = buffer.readInteger(as: UInt32.self), let payload = buffer.readBytes(length: Int(head >> 8))
            {
                frames.append(Frame(UInt8(head & 255), flags: flags, on: stream, payload))
            }
            return frames
        }
    }

    private let channel = EmbeddedChannel()

    /// What is written on the connection, one for each write.
    private func writes() throws -> [[Frame]] {
        channel.embeddedEventLoop.run()
        var writes: [[Frame]] = []
        while let bytes = try channel.readOutbound(as: ByteBuffer.self) { writes.append(Frame.all(in: bytes)) }
        return writes
    }

    private func receive(_ frames: [Frame]) throws {
        var bytes = ByteBuffer()
        for frame in frames { frame.write(into: &bytes) }
        try channel.writeInbound(bytes)
    }

    /// What serves a request whose body, if it has one, is still to come.
    private func request(_ method: String, hasBody: Bool) throws -> Server {
        try channel.connect(to: SocketAddress(unixDomainSocketPath: "client")).wait()
        var servers: [Server] = []
        _ = try HTTP2Connection<Server>.begin(
            on: channel,
            ConnectionLife.Limits(beginning: .seconds(10), idle: .seconds(75)),
            at: .now(),
            onBreak: { _ in }
        ) { stream in
            servers.append(Server(stream))
            return servers[0]
        }
        try channel.writeInbound(ByteBuffer(string: "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"))
        let fields = [(":method", method), (":scheme", "http"), (":path", "/"), (":authority", "a")]
        // RFC 7541 6.2.2: none goes into the table.
        var block: [UInt8] = []
        for (name, value) in fields {
            block += [0, UInt8(name.utf8.count)] + name.utf8
            block += [UInt8(value.utf8.count)] + value.utf8
        }
        let flags = Frame.endHeaders | (hasBody ? 0 : Frame.endStream)
        try receive([
            Frame(Frame.settings), Frame(Frame.settings, flags: Frame.acknowledges),
            Frame(Frame.headers, flags: flags, on: 1, block),
        ])
        _ = try writes()
        return try #require(servers.first)
    }

    @Test("a client's window is opened again only when there is room for more")
    func window() throws {
        let server = try request("POST", hasBody: true)
        server.mayRead = false
        // More than half of the window.
        let piece = Frame(Frame.data, on: 1, [UInt8](repeating: UInt8(ascii: "x"), count: 16 << 10))
        try receive([Frame](repeating: piece, count: 9))
        #expect(try writes().isEmpty)
        #expect(server.received.utf8.count > 9 * 16 << 10)
        server.mayRead = true
        server.stream.read()
        #expect(try writes().joined().map(\.stream) == [1])
        server.stream.read()
        #expect(try writes().isEmpty)
    }

    @Test("what is written in one turn of the event loop is one piece, and its chunks are one frame")
    func together() throws {
        let server = try request("GET", hasBody: false)
        server.stream.write(ByteBuffer(string: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"))
        server.stream.flush()
        server.stream.write(ByteBuffer(string: "1\r\na\r\n2\r\nbc\r\n0\r\n\r\n"))
        server.stream.flush()
        let written = try writes()
        #expect(written.count == 1)
        #expect(written.joined().map(\.kind) == [Frame.headers, Frame.data])
        #expect(written.joined().last == Frame(Frame.data, flags: Frame.endStream, on: 1, Array("abc".utf8)))
        #expect(server.isClosed)
    }

    @Test("an answer without a body doesn't end the stream in the middle of being written")
    func headAlone() throws {
        let server = try request("GET", hasBody: false)
        server.stream.write(ByteBuffer(string: "HTTP/1.1 204 No Content\r\n\r\n"))
        #expect(!server.isClosed)
        server.stream.flush()
        #expect(server.isClosed)
        let last = try writes().joined().last
        #expect(last?.kind == Frame.headers && last?.flags == Frame.endHeaders | Frame.endStream)
    }
}
