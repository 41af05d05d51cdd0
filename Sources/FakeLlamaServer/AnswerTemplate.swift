import NIOCore

/// An answer that isn't a stream, but for the facts of the request's body: `"fake":{"server":...,"body_bytes":...,
/// "body_fnv1a":"..."}` (FNV-1a, 64 bits, 16 hexadecimal digits).
struct AnswerTemplate: Sendable {
    private var template = ByteTemplate()

    init(shape: AnswerShape, bytes: Int, server: String) {
        var tail = ByteTemplate()
        tail.add(shape.tail)
        tail.add(Self.facts(server: server))
        tail.add("}")
        template.add(shape.head)
        template.add(filler: bytes - shape.head.utf8.count - tail.count)
        template.add(tail)
    }

    private init(_ template: ByteTemplate) {
        self.template = template
    }

    var count: Int { template.count }

    func preceded(by head: String) -> AnswerTemplate {
        var whole = ByteTemplate()
        whole.add(head)
        whole.add(template)
        return AnswerTemplate(whole)
    }

    func copy(_ digest: BodyDigest, _ allocator: ByteBufferAllocator) -> ByteBuffer {
        template.copy(allocator) { Self.fill(&$0, digest) }
    }

    static func facts(server: String) -> ByteTemplate {
        var facts = ByteTemplate()
        facts.add(#","fake":{"server":"\#(server)","body_bytes":"#)
        facts.addField(width: 12)
        facts.add(#","body_fnv1a":""#)
        facts.addField(width: 16)
        facts.add(#""}"#)
        return facts
    }

    static func fill(_ filling: inout ByteTemplate.Filling, _ digest: BodyDigest) {
        filling.decimal(0, digest.count, width: 12)
        filling.hexadecimal(1, digest.checksum)
    }
}
