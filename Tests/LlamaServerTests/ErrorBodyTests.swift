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
