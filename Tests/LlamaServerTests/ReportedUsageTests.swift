import LlamaServer
import Testing

@Suite("What an answer says of its tokens")
struct ReportedUsageTests {
    private func usage(_ text: String) -> ReportedUsage? {
        let bytes = Array(text.utf8)
        return ReportedUsage(endingIn: bytes.span)
    }

    static let answers: [(String, ReportedUsage?)] = [
        (
            #"ed":true,"timings":{"cache_n":10,"prompt_n":25,"prompt_ms":2.678,"predicted_n":3,"predicted_ms":0.9}}"#,
            ReportedUsage(promptComputed: 25, promptCached: 10, generated: 3, promptMilliseconds: 2)
        ),
        (
            "\"usage\":{\"completion_tokens\":3,\"prompt_tokens\":35,\"total_tokens\":38,"
                + "\"prompt_tokens_details\":{\"cached_tokens\":10}},\"id\":\"x\"}\r\n0\r\n\r\n",
            ReportedUsage(promptComputed: 25, promptCached: 10, generated: 3)
        ),
        (
            #"data: {"usage":{"input_tokens":5,"output_tokens":7,"cache_read_input_tokens":2}}"#,
            ReportedUsage(promptComputed: 5, promptCached: 2, generated: 7)
        ),
        // `/v1/responses` counts what was cached within its input, whole and streamed.
        (
            #""status":"completed","usage":{"input_tokens":63,"output_tokens":4,"total_tokens":67,"#
                + #""input_tokens_details":{"cached_tokens":62}}}"#,
            ReportedUsage(promptComputed: 1, promptCached: 62, generated: 4)
        ),
        (
            #""usage":{"input_tokens":63,"output_tokens":4,"total_tokens":67,"input_tokens_details":"#
                + #"{"cached_tokens":62}}},"timings":{"cache_n":62,"prompt_n":1,"prompt_ms":8.9,"predicted_n":4}}"#
                + "\n\n",
            ReportedUsage(promptComputed: 1, promptCached: 62, generated: 4, promptMilliseconds: 8)
        ),
        (
            #""usage":{"input_tokens":3,"output_tokens":4,"input_tokens_details":{"cached_tokens":9}}"#,
            ReportedUsage(promptComputed: 0, promptCached: 3, generated: 4)
        ),
        (
            #"{"usage":{"input_tokens":3,"output_tokens":4}}"#,
            ReportedUsage(promptComputed: 3, promptCached: 0, generated: 4)
        ),
        // `/v1/messages` counts it beside.
        (
            #""stop_reason":"max_tokens","usage":{"cache_read_input_tokens":62,"input_tokens":1,"output_tokens":4}}"#,
            ReportedUsage(promptComputed: 1, promptCached: 62, generated: 4)
        ),
        // The last one counts, and timings before usage.
        (
            #"{"usage":{"prompt_tokens":1,"completion_tokens":1}}{"usage":{"prompt_tokens":2,"completion_tokens":4}}"#,
            ReportedUsage(promptComputed: 2, promptCached: 0, generated: 4)
        ),
        (
            #"{"usage":{"prompt_tokens":9,"completion_tokens":1},"timings":{"prompt_n":2,"predicted_n":4}}"#,
            ReportedUsage(promptComputed: 2, promptCached: 0, generated: 4)
        ),
        // What a model says is no usage, nor is what was cut off.
        (#"{"content":"\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":2}"}"#, nil),
        (#""timings":{"cache_n":10,"prompt_n":25"#, nil),
        (#""usage":{"prompt_tokens":-4,"completion_tokens":1e9}"#, nil),
        (#""usage":{"prompt_tokens":99999999999999999999}"#, nil),
        (#"{"stop_sequence":null},"usage":{"output_tokens":4}}"#, nil),
        (#"{"usage":{"input_tokens":4}}"#, nil), (#"{"usage":{"input_tokens":4,"output_tokens":"#, nil),
        (#""usage":{}"#, nil), ("", nil), (#""usage":{"a""#, nil), (#""usage":{"prompt_tokens""#, nil),
        (#"{"usage":{"#, nil), (#"{{{"#, nil), (#"usage":{"prompt_tokens":1}}"#, nil),
        // Braces within strings end nothing, and names of numbers elsewhere count for nothing.
        (
            #""usage":{"note":"}","prompt_tokens":7,"completion_tokens":2},"completion_tokens":9"#,
            ReportedUsage(promptComputed: 7, promptCached: 0, generated: 2)
        ),
    ]

    @Test("is found at its end", arguments: answers)
    func found(text: String, expected: ReportedUsage?) {
        #expect(usage(text) == expected)
    }

    static let ends: [(String, ReportedUsage?)] = [
        (
            #"data: {"type":"message_delta","usage":{"output_tokens":4}}"#,
            ReportedUsage(promptComputed: 1, promptCached: 62, generated: 4)
        ),
        // An end that says all.
        (
            #"{"usage":{"input_tokens":9,"output_tokens":4}}"#,
            ReportedUsage(promptComputed: 9, promptCached: 0, generated: 4)
        ),
        (
            #"{"timings":{"prompt_n":9,"predicted_n":4}}"#,
            ReportedUsage(promptComputed: 9, promptCached: 0, generated: 4)
        ),
        // One without an end.
        (#"data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"s"}}"#, nil),
        (#"data: {"type":"message_delta","usage":{"output_to"#, nil),
        (#"data: {"type":"message_delta","usage":{}}"#, nil), ("", nil),
    ]

    @Test("what its first event said is added to an end that tells only what was generated", arguments: ends)
    func begun(text: String, expected: ReportedUsage?) {
        let start = ReportedUsage(promptComputed: 1, promptCached: 62, generated: 0)
        let bytes = Array(text.utf8)
        #expect(ReportedUsage(endingIn: bytes.span, begunWith: start) == expected)
    }
}
