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
        let reply = try SlotsReply(json: Array(json.utf8))
        #expect(reply.total == total)
        #expect(reply.processing == processing)
    }

    @Test("the progress of slots that work is read, of a list and of an object")
    func progress() throws {
        let json = #"""
            [{"id":0,"n_ctx":8192,"speculative":false,"is_processing":true,"id_task":4,"n_prompt_tokens":512,
              "n_prompt_tokens_processed":384,"n_prompt_tokens_cache":0,"params":{},
              "next_token":[{"has_next_token":true,"has_new_line":false,"n_remain":200,"n_decoded":7}]},
             {"id":1,"is_processing":false,"id_task":2,"n_prompt_tokens_processed":9,"next_token":[{"n_decoded":9}]},
             {"id":2,"is_processing":true,"id_task":5,"n_prompt_tokens_processed":128,"next_token":{"n_decoded":0}}]
            """#
        let reply = try SlotsReply(json: Array(json.utf8))
        #expect(
            reply.progress
                == .known([
                    SlotsProgress.Work(slot: 0, task: 4, promptTokens: 384, tokensMade: 7),
                    SlotsProgress.Work(slot: 2, task: 5, promptTokens: 128, tokensMade: 0),
                ])
        )
    }

    @Test(
        "progress is unknown as soon as one slot that works doesn't say it, and never makes the slots unreadable",
        arguments: [
            ("[]", SlotsProgress.idle),
            (#"[{"id":0,"is_processing":false,"n_prompt_tokens_processed":"many"}]"#, .idle),
            (#"[{"id":0,"is_processing":true}]"#, .unknown),
            // Builds before May 2026: how far the prompt is isn't said.
            (#"[{"id":0,"is_processing":true,"id_task":1,"next_token":{"n_decoded":3}}]"#, .unknown),
            (#"[{"id":0,"is_processing":true,"n_prompt_tokens_processed":3}]"#, .unknown),
            (#"[{"id":0,"is_processing":true,"n_prompt_tokens_processed":3,"next_token":[]}]"#, .unknown),
            (#"[{"id":0,"is_processing":true,"n_prompt_tokens_processed":3,"next_token":7}]"#, .unknown),
            (#"[{"is_processing":true,"n_prompt_tokens_processed":null,"next_token":[{"n_decoded":1}]}]"#, .unknown),
            (
                #"[{"is_processing":true,"n_prompt_tokens_processed":1,"next_token":[{"n_decoded":1}]},{"state":1}]"#,
                .unknown
            ),
        ]
    )
    func noProgress(json: String, progress: SlotsProgress) throws {
        #expect(try SlotsReply(json: Array(json.utf8)).progress == progress)
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
        #expect(error.tokensWithoutRoom == nil)
    }

    @Test(
        "a prompt without room is told from other errors, whatever is said of its length",
        arguments: [
            (#""type":"exceed_context_size_error","n_prompt_tokens":5001,"n_ctx":4096"#, 5001),
            (#""type":"exceed_context_size_error","n_prompt_tokens":-1"#, 0),
            (#""type":"exceed_context_size_error","n_prompt_tokens":"many""#, 0),
            (#""type":"exceed_context_size_error""#, 0),
            (#""type":"invalid_request_error","n_prompt_tokens":5001"#, nil),
        ] as [(String, Int?)]
    )
    func withoutRoom(fields: String, tokens: Int?) throws {
        let json = #"{"error":{"code":400,"message":"the request exceeds the available context size",\#(fields)}}"#
        #expect(try ErrorReply(json: Array(json.utf8)).tokensWithoutRoom == tokens)
    }
}
