import LlamaServer
import Testing

@Suite("Our own errors")
struct ErrorBodyTests {
    @Test("an error looks like llama-server's")
    func json() {
        let body = ErrorBody(code: 503, message: "all slots are busy", type: "unavailable_error")
        #expect(
            String(decoding: body.json, as: UTF8.self)
                == #"{"error":{"code":503,"message":"all slots are busy","type":"unavailable_error"}}"#
        )
    }

    @Test(
        "any message survives",
        arguments: ["\"\\/", "a\nb\r\n\tc", "\u{0}\u{1}\u{1f}\u{7f}", "é 日本 🦙", "\u{2028}"]
    )
    func escaping(message: String) throws {
        let body = ErrorBody(code: 500, message: message, type: message)
        let reply = try ErrorReply(json: body.json)
        #expect(reply.message == message)
        #expect(reply.type == message)
    }

    @Test(
        "an error of a server keeps all that it says within a stream, in one line",
        arguments: [
            (Dialect.openAI, #"data: {"error":"#, "}\n\n"), (.native, #"data: {"error":"#, "}\n\n"),
            (.anthropic, #"event: error\#ndata: {"type":"error","error":"#, "}\n\n"),
        ]
    )
    func ofServer(dialect: Dialect, start: String, end: String) {
        let lines = [
            #"{"code": 400,"#, #""message": "the request exceeds the \"context\" size","#,
            #" "type":"exceed_context_size_error","n_prompt_tokens":9007199254740993,"n_ctx":1.50,"more":[{"a":"}"}]}"#,
        ]
        let body = "{\"x\":{\"error\":1}, \"error\" : \(lines.joined(separator: "\r\n"))\n, \"y\":2}"
        let event = ErrorBody(status: 400, body: Array(body.utf8)).inBandError(dialect)
        #expect(String(decoding: event, as: UTF8.self) == start + lines.joined(separator: "  ") + end)
    }

    @Test(
        "one that lacks what clients look for is written anew",
        arguments: [
            "", "loading", "{}", #"{"error":"no"}"#, #"{"error":{"message":"m"}}"#,
            #"{"\u0065rror":{"code":1,"message":"m","type":"t"}}"#,
        ]
    )
    func incomplete(body: String) throws {
        let event = ErrorBody(status: 500, body: Array(body.utf8)).inBandError(.openAI)
        let reply = try ErrorReply(json: Array(event.dropFirst(6)))
        #expect(reply.code == 500 && reply.type != nil && !reply.message.isEmpty)
    }

    @Test(
        "within a stream an error is one event",
        arguments: [
            (Dialect.openAI, "data: {\"error\":{\"code\":502,\"message\":\"a\\nb\",\"type\":\"t\"}}\n\n"),
            (.native, "data: {\"error\":{\"code\":502,\"message\":\"a\\nb\",\"type\":\"t\"}}\n\n"),
            (
                .anthropic,
                "event: error\n"
                    + "data: {\"type\":\"error\",\"error\":{\"code\":502,\"message\":\"a\\nb\",\"type\":\"t\"}}\n\n"
            ),
        ]
    )
    func inBand(dialect: Dialect, event: String) {
        let body = ErrorBody(code: 502, message: "a\nb", type: "t")
        #expect(String(decoding: body.inBandError(dialect), as: UTF8.self) == event)
    }
}
