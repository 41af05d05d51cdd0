import NIOCore

/// A frame of HTTP/2 as it is on the wire, RFC 9113 4.1: nobody looks at whether it makes sense.
struct RawFrame: Sendable {
    enum Kind: UInt8, Sendable {
        case data, headers, priority, reset, settings, pushPromise, ping, goAway, windowUpdate, continuation
        /// Of a type that isn't known.
        case unknown = 0xBA
    }

    static let endStream: UInt8 = 1
    static let acknowledges: UInt8 = 1
    static let endHeaders: UInt8 = 4
    static let padded: UInt8 = 8
    static let hasPriority: UInt8 = 32

    var kind: Kind
    var flags: UInt8 = 0
    var stream = 0
    var payload: [UInt8] = []
    /// What its head says, if that isn't the payload's length.
    var length: Int?

    var bytes: [UInt8] {
        let length = length ?? payload.count
        return [UInt8(length >> 16 & 255), UInt8(length >> 8 & 255), UInt8(length & 255), kind.rawValue, flags]
            + Self.bytes(UInt32(truncatingIfNeeded: stream)) + payload
    }

    static func bytes(_ number: UInt32) -> [UInt8] {
        [UInt8(number >> 24), UInt8(number >> 16 & 255), UInt8(number >> 8 & 255), UInt8(number & 255)]
    }

    /// The number that begins at `offset` of its payload.
    func number(at offset: Int = 0) -> Int {
        guard payload.count >= offset + 4 else { return -1 }
        return payload[offset..<offset + 4].reduce(0) { $0 << 8 | Int($1) }
    }

    /// Takes the first one out of what has been received.
    init?(from buffer: inout ByteBuffer) {
        guard let head = buffer.getBytes(at: buffer.readerIndex, length: 9) else { return nil }
        let length = Int(head[0]) << 16 | Int(head[1]) << 8 | Int(head[2])
        guard buffer.readableBytes >= 9 + length else { return nil }
        buffer.moveReaderIndex(forwardBy: 9)
        kind = Kind(rawValue: head[3]) ?? .unknown
        flags = head[4]
        stream = head[5..<9].reduce(0) { $0 << 8 | Int($1) } & Int(Int32.max)
        payload = buffer.readBytes(length: length) ?? []
    }

    init(_ kind: Kind, flags: UInt8 = 0, on stream: Int = 0, _ payload: [UInt8] = [], length: Int? = nil) {
        self.kind = kind
        self.flags = flags
        self.stream = stream
        self.payload = payload
        self.length = length
    }

    // MARK: - Some

    static func data(_ text: String = "", on stream: Int, ends: Bool = false) -> RawFrame {
        RawFrame(.data, flags: ends ? endStream : 0, on: stream, Array(text.utf8))
    }

    static func reset(_ stream: Int, _ code: UInt32 = 8) -> RawFrame { RawFrame(.reset, on: stream, bytes(code)) }

    static func windowUpdate(_ increment: Int, on stream: Int = 0) -> RawFrame {
        RawFrame(.windowUpdate, on: stream, bytes(UInt32(increment)))
    }

    static func settings(_ values: [(id: UInt16, value: UInt32)] = []) -> RawFrame {
        RawFrame(.settings, values.flatMap { [UInt8($0.id >> 8), UInt8($0.id & 255)] + bytes($0.value) })
    }

    static let settingsAcknowledged = RawFrame(.settings, flags: acknowledges)

    static func ping(_ data: [UInt8] = Array("12345678".utf8), isEcho: Bool = false) -> RawFrame {
        RawFrame(.ping, flags: isEcho ? acknowledges : 0, data)
    }

    private init(_ kind: Kind, _ payload: [UInt8]) {
        self.init(kind, on: 0, payload)
    }

    private init(_ kind: Kind, flags: UInt8, _ payload: [UInt8]) {
        self.init(kind, flags: flags, on: 0, payload)
    }
}
