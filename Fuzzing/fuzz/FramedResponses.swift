import HTTPFraming

/// Answers as they come over a connection, in pieces: read alike however they are cut up, and as llhttp reads them.
enum FramedResponses {
    static func run(_ input: [UInt8]) {
        guard let first = input.first else { return }
        let methods: [RequestMethod] = (0..<8).map { first >> $0 & 1 == 1 ? .head : .get }
        let (pieces, bytes) = pieces(of: Array(input.dropFirst()))
        let inPieces = FramingTranscript.ofResponses(bytes, pieces: pieces, answering: methods)
        let whole = FramingTranscript.ofResponses(bytes, pieces: [bytes.count], answering: methods)
        guard inPieces.messages == whole.messages, inPieces.refusal == whole.refusal else {
            finding("in pieces \(inPieces), whole \(whole)")
        }
        guard let reference = try? LlhttpTranscript.ofResponses(bytes, answering: methods) else {
            finding("llhttp takes no requests")
        }
        if let excess = whole.excess(over: reference) { finding(excess) }
    }
}
