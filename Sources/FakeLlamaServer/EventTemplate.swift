import NIOCore

/// The events of a stream as chunks: `t00000000`, `t00000001` and so on as their text, so that one lost, doubled or out
/// of order shows.
struct EventTemplate: Sendable {
    private var event = ByteTemplate()
    private var end = ByteTemplate()
    /// Where the chunk's first half ends, framing included.
    private let half: Int
    private let hasTime: Bool

    init(shape: AnswerShape, bytes: Int, server: String, timestamps: Bool) {
        hasTime = timestamps
        var data = ByteTemplate()
        data.add(shape.eventHead + "t")
        data.addField(width: 8)
        let time = timestamps ? #","t_ns":"# : ""
        let rest = shape.eventTail.utf8.count + time.utf8.count + (timestamps ? 20 : 0) + 3
        if bytes > data.count + rest { data.add(" ") }
        data.add(filler: bytes - data.count - rest)
        data.add(shape.eventTail + time)
        if timestamps { data.addField(width: 20) }
        data.add("}\n\n")
        event = Self.chunk(data)
        half = event.count / 2

        var last = ByteTemplate()
        last.add(shape.lastEvent)
        last.add(AnswerTemplate.facts(server: server))
        last.add("}\n\n")
        end = Self.chunk(last)
        if shape.endsWithDone { end.add("e\r\ndata: [DONE]\n\n\r\n") }
        end.add("0\r\n\r\n")
    }

    private static func chunk(_ data: ByteTemplate) -> ByteTemplate {
        var chunk = ByteTemplate()
        chunk.add(String(data.count, radix: 16) + "\r\n")
        chunk.add(data)
        chunk.add("\r\n")
        return chunk
    }

    /// One token's event.
    func token(_ index: Int, _ allocator: ByteBufferAllocator) -> ByteBuffer {
        event.copy(allocator) { filling in
            filling.decimal(0, index, width: 8, padding: UInt8(ascii: "0"))
            guard hasTime else { return }
            filling.decimal(1, Int(NIODeadline.now().uptimeNanoseconds), width: 20)
        }
    }

    /// The first half of one token's chunk.
    func halfToken(_ index: Int, _ allocator: ByteBufferAllocator) -> ByteBuffer {
        var chunk = token(index, allocator)
        return chunk.readSlice(length: half) ?? chunk
    }

    /// The last event, `[DONE]` where it belongs, and the last chunk.
    func end(_ digest: BodyDigest, _ allocator: ByteBufferAllocator) -> ByteBuffer {
        end.copy(allocator) { AnswerTemplate.fill(&$0, digest) }
    }

    /// What llama-server sends when generating fails, and the last chunk: no `[DONE]`.
    static let failure: ByteBuffer = {
        let event = #"data: {"error":{"code":500,"message":"Compute error.","type":"server_error"}}"# + "\n\n"
        return ByteBuffer(string: String(event.utf8.count, radix: 16) + "\r\n" + event + "\r\n0\r\n\r\n")
    }()
}
