import LlamaServer

/// The look into a request's body for `"stream": true`: it gets an answer, whatever the body is, and the same one with space
/// before it.
enum RequestBodies {
    static func run(_ input: [UInt8]) {
        let asks = RequestBody.asksForStream(input.span)
        let padded = Array(" \n".utf8) + input
        guard RequestBody.asksForStream(padded.span) == asks else {
            finding("asks for a stream: \(asks), with space not")
        }
    }
}
