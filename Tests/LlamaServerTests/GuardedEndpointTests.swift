import LlamaServer
import Testing

@Suite("Guarded endpoints")
struct GuardedEndpointTests {
    private func guarded(_ path: String, isReading: Bool) -> GuardedEndpoint? {
        let bytes = Array(path.utf8)
        return Endpoint.guarded(isReading: isReading, path: bytes.span)
    }

    @Test(
        "slots are guarded in every spelling",
        arguments: [
            "/slots", "/slots/", "//slots", "/slots/0", "/%73lots", "/%2573lots", "/%u0073lots", "/SLOTS", "/./slots",
            "/v1/../slots", "/slots#x", "/slots/0/../1", "/%2Fslots",
        ]
    )
    func slots(path: String) {
        #expect(guarded(path, isReading: true) == .slots)
        #expect(guarded(path, isReading: false) == .slots)
    }

    @Test("changes are guarded, questions aren't", arguments: ["/props", "/lora-adapters", "/models/load", "/models"])
    func changes(path: String) {
        #expect(guarded(path, isReading: false) == .administration)
        #expect(guarded(path, isReading: true) == nil)
    }

    @Test(
        "what reaches beyond the server is guarded",
        arguments: ["/tools", "/tools/x", "/cors-proxy", "//cors-proxy/"]
    )
    func beyond(path: String) {
        #expect(guarded(path, isReading: true) == .administration)
    }

    @Test(
        "running answers are guarded in every spelling",
        arguments: [
            "/v1/stream", "/v1/stream/abc", "/v1/streams/lookup", "/V1/Streams", "/v1//stream", "/v1/%73tream",
            "/v1/x/../stream", "/v1/chat/completions/control", "/v1/chat/completions/control/",
        ]
    )
    func streams(path: String) {
        #expect(guarded(path, isReading: true) == .streams)
        #expect(guarded(path, isReading: false) == .streams)
    }

    @Test(
        "nothing else is",
        arguments: [
            "/", "/v1/models", "/tokenize", "/v1/slots", "/v1/chat/completions", "/v1", "/slotsx", "/health", "*", "",
            "/..",
        ]
    )
    func others(path: String) {
        #expect(guarded(path, isReading: false) == nil)
    }
}
