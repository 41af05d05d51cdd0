import LlamaServer
import ProxyExchange

/// The last bytes of an answer, kept while it comes in pieces: as if it had come at once.
enum AnswerTails {
    static func run(_ input: [UInt8]) {
        let (pieces, bytes) = pieces(of: input)
        var stream = EventStreamTail()
        var answer = AnswerTail()
        answer.begin()
        var firstEnd = FirstEventEnd()
        var found: Int?
        var start = 0
        for piece in pieces {
            let end = min(start + piece, bytes.count)
            stream.append(bytes.span.extracting(start..<end))
            answer.append(bytes.span.extracting(start..<end))
            if found == nil { found = firstEnd.find(in: bytes[start..<end].span).map { start + $0 } }
            start = end
        }
        let endsEvent = bytes.isEmpty || bytes.suffix(2) == [0x0A, 0x0A]
        guard stream.endsBetweenEvents == endsEvent else { finding("between events: \(stream.endsBetweenEvents)") }
        if stream.endsBetweenEventsInChunks, !bytes.isEmpty {
            guard bytes.suffix(4) == [0x0A, 0x0A, 0x0D, 0x0A] else { finding("between events, in chunks") }
        }
        var whole = FirstEventEnd()
        let firstEvent = whole.find(in: bytes.span)
        guard found == firstEvent else {
            finding("a first event in pieces \(found as Any), at once \(firstEvent as Any)")
        }
        let usage = bytes.isEmpty ? nil : ReportedUsage(endingIn: Array(bytes.suffix(1024)).span)
        guard answer.usage == usage else { finding("tokens in pieces \(answer.usage as Any), at once \(usage as Any)") }
    }
}
