/// Requests as they come over a connection, in pieces: read alike however they are cut up, and as llhttp reads them.
enum FramedRequests {
    /// Of these llhttp knows that they are methods.
    private static let methods = [
        "GET", "POST", "PUT", "DELETE", "HEAD", "PATCH", "TRACE", "OPTIONS", "PROPFIND",
    ]

    static func run(_ input: [UInt8]) {
        let (pieces, bytes) = pieces(of: input)
        let inPieces = FramingTranscript.ofRequests(bytes, pieces: pieces)
        let whole = FramingTranscript.ofRequests(bytes, pieces: [bytes.count])
        guard inPieces.messages == whole.messages, inPieces.refusal == whole.refusal else {
            finding("in pieces \(inPieces), whole \(whole)")
        }
        let ours = whole.whileStarting(with: methods)
        if let excess = ours.excess(over: LlhttpTranscript.ofRequests(bytes)) { finding(excess) }
    }
}

/// The first two bytes of an input say how the rest of it is cut up.
func pieces(of input: [UInt8]) -> (sizes: [Int], bytes: [UInt8]) {
    guard input.count > 2 else { return ([input.count], input) }
    let bytes = Array(input[2...])
    let (first, others) = (Int(input[0]) + 1, Int(input[1] & 0x3F) + 1)
    let count = max(0, bytes.count - first)
    return ([first] + Array(repeating: others, count: (count + others - 1) / others), bytes)
}
