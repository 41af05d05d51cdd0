import LlamaServer
import NIOCore
import NIOHPACK
import NIOPosix
import NIOSSL

@testable import ReverseProxy

/// A client that speaks HTTP/2 frame by frame, as a test says. It acknowledges settings and echoes pings by itself, and opens its
/// windows again for what it has read, unless it is told not to.
final class HTTP2Peer: Sendable {
    enum End: Equatable, Sendable {
        case whole
        case reset(Int)
        /// With its connection.
        case lost
    }

    struct Answer: Sendable {
        /// Those of interim heads, too.
        var heads: [[(name: String, value: String)]] = []
        var body = ""
        var trailers: [(name: String, value: String)] = []
        var end: End?

        subscript(name: String) -> [String] { (heads.last ?? []).filter { $0.name == name }.map(\.value) }
        var status: Int { self[":status"].first.flatMap { Int($0) } ?? 0 }
        var statuses: [Int] { heads.compactMap { $0.first { $0.name == ":status" }.flatMap { Int($0.value) } } }
    }

    fileprivate struct Contents: Sendable {
        var frames: [RawFrame] = []
        var answers: [Int: Answer] = [:]
        var end: RawConnection.End?
        /// What it does by itself.
        var habits = Habits()
    }

    struct Habits: Sendable {
        var acknowledgesSettings = true
        var echoes = true
        var opensWindows = true
    }

    static let preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"

    private let channel: any Channel
    private let inbox: Inbox<Contents>

    private init(_ channel: any Channel, _ inbox: Inbox<Contents>) {
        self.channel = channel
        self.inbox = inbox
    }

    /// - Parameters:
    ///   - settings: nil: it sends nothing yet, its preface neither.
    static func connect(
        to address: NetworkAddress,
        tls: NIOSSLContext? = nil,
        settings: [(id: UInt16, value: UInt32)]? = [],
        _ habits: Habits = Habits()
    ) async throws -> HTTP2Peer {
        let inbox = Inbox(Contents(habits: habits))
        let opening = settings.map { Array(preface.utf8) + RawFrame.settings($0).bytes } ?? []
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    if let tls {
                        let handler = try NIOSSLClientHandler(context: tls, serverHostname: nil)
                        try channel.pipeline.syncOperations.addHandler(handler)
                    }
                    try channel.pipeline.syncOperations.addHandler(FrameRecorder(inbox, opening))
                }
            }
            .connect(host: address.host, port: address.port)
            .get()
        return HTTP2Peer(channel, inbox)
    }

    // MARK: - Writing

    func send(bytes: [UInt8]) async throws {
        try await channel.writeAndFlush(ByteBuffer(bytes: bytes))
    }

    func send(_ frames: RawFrame...) async throws {
        try await send(bytes: frames.flatMap(\.bytes))
    }

    /// As many as the other side takes before it ends the connection.
    func flood(_ frames: [RawFrame]) async {
        for frame in frames {
            do { try await send(frame) } catch { return }
        }
    }

    /// - Parameter fields: in the literal form that changes no table.
    static func block(_ fields: [(String, String)]) -> [UInt8] {
        fields.flatMap { name, value in [0] + string(Array(name.utf8)) + string(Array(value.utf8)) }
    }

    /// RFC 7541 5.2, without Huffman's code.
    static func string(_ bytes: [UInt8]) -> [UInt8] {
        guard bytes.count >= 127 else { return [UInt8(bytes.count)] + bytes }
        var length: [UInt8] = [127]
        var rest = bytes.count - 127
        while rest >= 128 {
            length.append(UInt8(rest & 127 | 128))
            rest >>= 7
        }
        return length + [UInt8(rest)] + bytes
    }

    static func headers(_ fields: [(String, String)], on stream: Int, ends: Bool = true) -> RawFrame {
        let flags = RawFrame.endHeaders | (ends ? RawFrame.endStream : 0)
        return RawFrame(.headers, flags: flags, on: stream, block(fields))
    }

    static func pseudoFields(_ method: String, _ path: String) -> [(String, String)] {
        [(":method", method), (":scheme", "http"), (":authority", "example"), (":path", path)]
    }

    func get(_ path: String = "/health", on stream: Int = 1, fields: [(String, String)] = []) async throws {
        try await send(Self.headers(Self.pseudoFields("GET", path) + fields, on: stream))
    }

    /// A request that occupies a slot.
    func complete(
        _ body: String = "{}",
        on stream: Int = 1,
        path: String = "/v1/chat/completions",
        fields: [(String, String)] = []
    ) async throws {
        let length = [("content-length", "\(body.utf8.count)")]
        try await send(
            Self.headers(Self.pseudoFields("POST", path) + length + fields, on: stream, ends: false),
            .data(body, on: stream, ends: true)
        )
    }

    /// Says that nothing more follows, as no client of HTTP/2 does that goes on.
    func finish() async throws {
        try await channel.close(mode: .output)
    }

    func close() async {
        try? await channel.close()
    }

    /// From now on it reads nothing.
    func stopReading() async throws {
        try await channel.setOption(.autoRead, value: false).get()
    }

    func resumeReading() async throws {
        try await channel.setOption(.autoRead, value: true).get()
    }

    // MARK: - Reading

    /// The first frame of these that comes, or has come.
    func frame(_ isWanted: @Sendable (RawFrame) -> Bool) async throws -> RawFrame {
        try await inbox.first { contents in
            if let index = contents.frames.firstIndex(where: isWanted) { return contents.frames.remove(at: index) }
            if let end = contents.end { throw RawConnection.EndedEarly(received: "\(contents.frames)", end: end) }
            return nil
        }
    }

    /// Whether its settings are acknowledged and what was sent before is seen to.
    func untilEchoed(_ text: String = "abcdefgh") async throws {
        try await send(.ping(Array(text.utf8)))
        _ = try await frame { $0.kind == .ping && $0.flags == RawFrame.acknowledges && $0.payload == Array(text.utf8) }
    }

    func goAway() async throws -> (last: Int, code: Int) {
        let frame = try await frame { $0.kind == .goAway }
        return (frame.number(), frame.number(at: 4))
    }

    /// The answer, when it has ended.
    func answer(on stream: Int = 1) async throws -> Answer {
        try await answer(on: stream) { $0.end != nil }
    }

    /// The answer as it is as soon as it is so.
    func answer(on stream: Int = 1, when isWanted: @Sendable (Answer) -> Bool) async throws -> Answer {
        try await inbox.first { contents in
            var answer = contents.answers[stream] ?? Answer()
            if answer.end == nil, contents.end != nil { answer.end = .lost }
            return isWanted(answer) || answer.end != nil ? answer : nil
        }
    }

    /// What has come so far.
    func answerSoFar(on stream: Int) async throws -> Answer {
        try await answer(on: stream) { _ in true }
    }

    func end() async throws -> RawConnection.End {
        try await inbox.first { $0.end }
    }
}

extension HTTP2Peer.Contents {
    fileprivate mutating func take(_ frame: RawFrame, _ decoder: inout HPACKDecoder) {
        frames.append(frame)
        switch frame.kind {
        case .headers:
            var block = ByteBuffer(bytes: frame.payload)
            let fields = (try? decoder.decodeHeaders(from: &block))?.map { (name: $0.name, value: $0.value) } ?? []
            if fields.first?.name == ":status" {
                answers[frame.stream, default: .init()].heads.append(fields)
            } else {
                answers[frame.stream, default: .init()].trailers = fields
            }
        case .data:
            answers[frame.stream, default: .init()].body += String(decoding: frame.payload, as: UTF8.self)
        case .reset:
            if answers[frame.stream]?.end == nil {
                answers[frame.stream, default: .init()].end = .reset(frame.number())
            }
        default:
            return
        }
        if frame.kind != .reset, frame.flags & RawFrame.endStream != 0 { answers[frame.stream]?.end = .whole }
    }
}

private final class FrameRecorder: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let inbox: Inbox<HTTP2Peer.Contents>
    private var received = ByteBuffer()
    private var decoder = HPACKDecoder(allocator: ByteBufferAllocator())
    /// What it begins with, before it answers anything.
    private let opening: [UInt8]

    init(_ inbox: Inbox<HTTP2Peer.Contents>, _ opening: [UInt8]) {
        self.inbox = inbox
        self.opening = opening
    }

    func channelActive(context: ChannelHandlerContext) {
        guard !opening.isEmpty else { return }
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: opening)), promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        received.writeImmutableBuffer(unwrapInboundIn(data))
        while let frame = RawFrame(from: &received) {
            var habits = HTTP2Peer.Habits()
            inbox.change { contents in
                contents.take(frame, &decoder)
                habits = contents.habits
            }
            for answer in answers(to: frame, habits) {
                context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: answer.bytes)), promise: nil)
            }
        }
        received.discardReadBytes()
    }

    private func answers(to frame: RawFrame, _ habits: HTTP2Peer.Habits) -> [RawFrame] {
        switch frame.kind {
        case .settings where habits.acknowledgesSettings && frame.flags == 0: return [.settingsAcknowledged]
        case .ping where habits.echoes && frame.flags == 0: return [.ping(frame.payload, isEcho: true)]
        case .data where habits.opensWindows && !frame.payload.isEmpty:
            let connection = RawFrame.windowUpdate(frame.payload.count)
            guard frame.flags & RawFrame.endStream == 0 else { return [connection] }
            return [connection, .windowUpdate(frame.payload.count, on: frame.stream)]
        default: return []
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        ended(.reset)
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        ended(.finished)
    }

    private func ended(_ end: RawConnection.End) {
        inbox.change { if $0.end == nil { $0.end = end } }
    }
}
