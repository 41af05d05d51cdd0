import LlamaServer
import Testing

@Suite("Looks into request bodies")
struct RequestBodyTests {
    @Test(
        "a wish for a stream is seen wherever it stands",
        arguments: [
            #"{"stream":true}"#, #" { "stream" : true } "#, #"{"prompt":"a","stream":true}"#,
            "{\"stream\"\n:\ttrue,\"prompt\":\"a\"}", #"{"a":{"stream":false},"stream":true,"b":[false]}"#,
            #"{"stream":false,"stream":true}"#, #"{"a":"\"","b":"\\","stream":true}"#,
            #"{"a":"\\\"","b":["x",{"c":"}"}],"stream":true}"#, #"{"prompt":[1,2,3],"stream":true}"#,
            #"{"\u0073tream":true}"#, #"{"str\u0065a\u006D":true}"#, "\u{feff}{\"stream\":true}",
        ]
    )
    func asks(_ body: String) {
        let bytes = Array(body.utf8)
        let asks = RequestBody.asksForStream(bytes.span)
        #expect(asks)
        Self.expect(asks, ofPiecesOf: bytes)
    }

    /// However it is cut up, a body says the same.
    private static func expect(_ asks: Bool, ofPiecesOf bytes: [UInt8]) {
        for size in 1...max(1, bytes.count) {
            var scan = RequestBodyScan()
            for start in stride(from: 0, to: bytes.count, by: size) {
                scan.read(bytes.span.extracting(start..<min(start + size, bytes.count)))
            }
            #expect(scan.asksForStream == asks, "in pieces of \(size)")
        }
    }

    @Test(
        "and none where there is none",
        arguments: [
            "", "{}", "[]", "true", "\"stream\":true", #"{"stream":false}"#, #"{"stream":1}"#, #"{"stream":"true"}"#,
            #"{"prompt":"\"stream\":true"}"#, #"{"prompt":"stream","n":true}"#, #"{"a":{"stream":true}}"#,
            #"{"a":[{"stream":true}]}"#, #"["stream",true]"#, #"{"stream":true,"stream":false}"#,
            #"{"stream""#, #"{"stream":"#, #"{"stream"true}"#, #"{"a":"b"#, #"{"prompt":["stream",":true"]}"#,
            #"{"streams":true}"#, #"{"x":"stream"}"#, "--boundary\r\nstream", #"{"\u0053tream":true}"#,
            #"{"stream\u0000":true}"#, #"{"\stream":true}"#, #"{"\"stream":true}"#, #"{"stream\":true}"#,
            #"[{"stream":true}]"#, #"{"stream":tru}"#, #"{"stream":true,"stream":tru}"#,
        ]
    )
    func doesNotAsk(_ body: String) {
        let bytes = Array(body.utf8)
        let asks = RequestBody.asksForStream(bytes.span)
        #expect(!asks)
        Self.expect(asks, ofPiecesOf: bytes)
    }
}
