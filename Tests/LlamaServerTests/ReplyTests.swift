import LlamaServer
import Testing

@Suite("llama-server's answers")
struct ReplyTests {
    @Test(
        "slots are counted, whichever build answers",
        arguments: [
            ("[]", 0, 0),
            (#"[{"id":0,"is_processing":false},{"id":1,"is_processing":true}]"#, 2, 1),
            (#"[{"id":0,"state":0},{"id":1,"state":1},{"id":2,"state":4}]"#, 3, 2),
            (#"[{"id":0,"n_ctx":8192,"speculative":false,"is_processing":true,"params":{"seed":1},"new":[1]}]"#, 1, 1),
        ]
    )
    func slots(json: String, total: Int, processing: Int) throws {
        #expect(try SlotsReply(json: Array(json.utf8)) == SlotsReply(total: total, processing: processing))
    }

    @Test(
        "what isn't a list of slots is refused with a reason",
        arguments: [
            ("", "slots that cannot be read: it is not JSON"),
            ("<html>", "slots that cannot be read: it is not JSON"),
            (#"{"error":{}}"#, "slots that cannot be read: unexpected type"),
            (#"[{"id":0}]"#, "slots that cannot be read: number 0 has neither is_processing nor state"),
            (#"[{"is_processing":"yes"}]"#, "slots that cannot be read: 0.is_processing: unexpected type"),
        ]
    )
    func notSlots(json: String, reason: String) {
        let error = #expect(throws: ReplyError.self) { try SlotsReply(json: Array(json.utf8)) }
        // Foundations differ in how they name an array's element.
        #expect(error?.description.replacing("Index ", with: "") == reason)
    }

    @Test("props are read")
    func props() throws {
        let json = #"""
            {"default_generation_settings":{"n_ctx":4096,"params":{}},"total_slots":4,"model_alias":"tiny",
             "model_path":"/models/tiny.gguf","is_sleeping":true,"build_info":"b10434-abc","modalities":{}}
            """#
        let props = try PropsReply(json: Array(json.utf8))
        #expect(props.totalSlots == 4)
        #expect(props.isSleeping)
        #expect(props.contextSize == 4096)
        #expect(props.build == "b10434-abc")
        #expect(props.modelAlias == "tiny")
        #expect(props.modelPath == "/models/tiny.gguf")
    }

    @Test("props without anything are read")
    func emptyProps() throws {
        let props = try PropsReply(json: Array("{}".utf8))
        #expect(props.totalSlots == nil)
        #expect(!props.isSleeping)
    }

    @Test("a field of props that has changed its form doesn't hide the others")
    func oddProps() throws {
        let json = #"{"total_slots":4,"is_sleeping":true,"build_info":{"number":1},"default_generation_settings":[]}"#
        let props = try PropsReply(json: Array(json.utf8))
        #expect(props.totalSlots == 4)
        #expect(props.isSleeping)
        #expect(props.build == nil)
        #expect(props.contextSize == nil)
    }

    @Test("models are read")
    func models() throws {
        let json = #"{"object":"list","data":[{"id":"a","meta":{"n_ctx":8192}},{"id":"b","meta":null},{"id":"c"}]}"#
        let models = try ModelsReply(json: Array(json.utf8)).models
        #expect(models.map(\.id) == ["a", "b", "c"])
        #expect(models.map(\.contextSize) == [8192, nil, nil])
    }

    @Test("an error is read")
    func error() throws {
        let json = #"{"error":{"code":503,"message":"Loading model","type":"unavailable_error"}}"#
        let error = try ErrorReply(json: Array(json.utf8))
        #expect(error.code == 503)
        #expect(error.message == "Loading model")
        #expect(error.type == "unavailable_error")
    }
}
