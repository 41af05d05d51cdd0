import LlamaServer
import NIOCore
import NIOPosix
import NIOSSL
import NIOTLS

@testable import ReverseProxy

/// One end of a TCP connection that does what a test says, byte by byte.
final class RawConnection: Sendable {
    enum End: Equatable, Sendable {
        /// The other side has nothing more to say.
        case finished
        case reset
    }

    struct EndedEarly: Error {
        let received: String
        let end: End
    }

    fileprivate struct Contents: Sendable {
        var bytes: [UInt8] = []
        var end: End?
    }

    private let channel: any Channel
    private let inbox: Inbox<Contents>

    /// What the other side showed of itself by TLS, in DER form.
    func peerCertificate() async throws -> [UInt8]? {
        try await channel.nioSSL_peerCertificate().get()?.toDERBytes()
    }

    fileprivate init(_ channel: any Channel, _ inbox: Inbox<Contents>) {
        self.channel = channel
        self.inbox = inbox
    }

    /// - Parameters:
    ///   - tls: nil: it speaks none.
    ///   - serverName: which the other side is told, and has to show a certificate for.
    ///   - preface: sent in front of TLS.
    static func connect(
        to address: NetworkAddress,
        tls: NIOSSLContext? = nil,
        serverName: String? = nil,
        preface: String? = nil
    ) async throws -> RawConnection {
        let inbox = Inbox(Contents())
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            // One that speaks TLS answers a goodbye, as clients do.
            .channelOption(.allowRemoteHalfClosure, value: tls == nil)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    if let preface { try channel.pipeline.syncOperations.addHandler(Preface(preface)) }
                    if let tls {
                        let handler = try NIOSSLClientHandler(context: tls, serverHostname: serverName)
                        try channel.pipeline.syncOperations.addHandler(handler)
                    }
                    try channel.pipeline.syncOperations.addHandler(Recorder(inbox))
                }
            }
            .connect(host: address.host, port: address.port)
            .get()
        return RawConnection(channel, inbox)
    }

    /// For a listener's children.
    static func adding(to channel: any Channel) throws -> RawConnection {
        let inbox = Inbox(Contents())
        try channel.pipeline.syncOperations.addHandler(Recorder(inbox))
        return RawConnection(channel, inbox)
    }

    // MARK: - Writing

    func send(_ text: String) async throws {
        try await channel.writeAndFlush(ByteBuffer(string: text))
    }

    /// Returns when the other side's system has it all: what is done next happens later there, too.
    func deliver(_ text: String) async throws {
        try await send(text)
        #if os(Linux)
            let socket = channel as? any SocketOptionProvider
            // tcp(7): the seventh word of `struct tcp_info` counts the segments that aren't acknowledged yet.
            let tcpInfo = NIOBSDSocket.Option(rawValue: 11)
            while let info: SIMD8<UInt32> = try await socket?.unsafeGetSocketOption(level: .tcp, name: tcpInfo).get(),
                info[6] > 0
            {
                await Task.yield()
            }
        #endif
    }

    /// Without waiting for the bytes to go out.
    @discardableResult
    func begin(sending text: String) -> EventLoopFuture<Void> {
        channel.writeAndFlush(ByteBuffer(string: text))
    }

    /// - Parameter pieces: at most so many, one write each.
    func begin(sending bytes: [UInt8], pieces: Int) {
        let size = max(1, (bytes.count + pieces - 1) / pieces)
        for start in stride(from: 0, to: bytes.count, by: size) {
            let piece = ByteBuffer(bytes: bytes[start..<min(start + size, bytes.count)])
            channel.writeAndFlush(piece, promise: nil)
        }
    }

    /// Says that nothing more follows.
    func finish() async throws {
        try await channel.close(mode: .output)
    }

    func close() async {
        try? await channel.close()
    }

    /// As a process that speaks TLS and dies: nothing says that it goes.
    func vanish() async throws {
        try await channel.eventLoop.submit { [channel] in
            let context = try channel.pipeline.syncOperations.context(handlerType: NIOSSLClientHandler.self)
            context.close(promise: nil)
        }.get()
    }

    /// As a process that dies with unread bytes, or a firewall.
    func reset() async throws {
        let socket = channel as? any SocketOptionProvider
        try await socket?.unsafeSetSocketOption(level: .socket, name: .so_linger, value: Linger.forNoTime).get()
        await close()
    }

    // MARK: - Reading

    func stopReading() async throws {
        try await channel.setOption(.autoRead, value: false).get()
    }

    func resumeReading() async throws {
        try await channel.setOption(.autoRead, value: true).get()
    }

    /// While reading is stopped: reads until so many bytes have come in all.
    func read(untilReceived count: Int) async throws {
        var received = try await inbox.first { $0.bytes.count }
        while received < count {
            channel.read()
            received = try await inbox.first { [received] in $0.bytes.count > received ? $0.bytes.count : nil }
        }
    }

    /// Everything up to and including the next `marker`.
    func read(through marker: String) async throws -> String {
        let marker = Array(marker.utf8)
        return try await inbox.first { contents in
            if let start = contents.bytes.firstRange(of: marker) { return contents.take(start.upperBound) }
            try contents.checkEnd()
            return nil
        }
    }

    func read(_ count: Int) async throws -> String {
        try await inbox.first { contents in
            if contents.bytes.count >= count { return contents.take(count) }
            try contents.checkEnd()
            return nil
        }
    }

    /// Everything that is still to come, and how it ends.
    func readToEnd() async throws -> (text: String, end: End) {
        try await inbox.first { contents in
            guard let end = contents.end else { return nil }
            return (contents.take(contents.bytes.count), end)
        }
    }

    func end() async throws -> End {
        try await inbox.first { $0.end }
    }
}

extension RawConnection.Contents {
    fileprivate mutating func take(_ count: Int) -> String {
        defer { bytes.removeFirst(count) }
        return String(decoding: bytes.prefix(count), as: UTF8.self)
    }

    fileprivate func checkEnd() throws {
        guard let end else { return }
        throw RawConnection.EndedEarly(received: String(decoding: bytes, as: UTF8.self), end: end)
    }
}

private final class Recorder: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let inbox: Inbox<RawConnection.Contents>

    init(_ inbox: Inbox<RawConnection.Contents>) {
        self.inbox = inbox
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let buffer = unwrapInboundIn(data)
        inbox.change { $0.bytes += buffer.readableBytesView }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case ChannelEvent.inputClosed = event { ended(.finished) }
        if case TLSUserEvent.shutdownCompleted = event { ended(.finished) }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        ended(.reset)
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        ended(.reset)
    }

    private func ended(_ end: RawConnection.End) {
        inbox.change { if $0.end == nil { $0.end = end } }
    }
}

/// What is sent before anything else.
private final class Preface: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let text: String

    init(_ text: String) {
        self.text = text
    }

    func channelActive(context: ChannelHandlerContext) {
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: text)), promise: nil)
        context.fireChannelActive()
    }
}
