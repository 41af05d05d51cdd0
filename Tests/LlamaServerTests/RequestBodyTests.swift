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
        ]
    )
    func asks(_ body: String) {
        let bytes = Array(body.utf8)
        let asks = RequestBody.asksForStream(bytes.span)
        #expect(asks)
    }

    @Test(
        "and none where there is none",
        arguments: [
            "", "{}", "[]", "true", "\"stream\":true", #"{"stream":false}"#, #"{"stream":1}"#, #"{"stream":"true"}"#,
            #"{"prompt":"\"stream\":true"}"#, #"{"prompt":"stream","n":true}"#, #"{"a":{"stream":true}}"#,
            #"{"a":[{"stream":true}]}"#, #"["stream",true]"#, #"{"stream":true,"stream":false}"#,
            #"{"stream""#, #"{"stream":"#, #"{"stream"true}"#, #"{"a":"b"#, #"{"prompt":["stream",":true"]}"#,
            #"{"streams":true}"#, #"{"x":"stream"}"#, "--boundary\r\nstream",
        ]
    )
    func doesNotAsk(_ body: String) {
        let bytes = Array(body.utf8)
        let asks = RequestBody.asksForStream(bytes.span)
        #expect(!asks)
    }
}
