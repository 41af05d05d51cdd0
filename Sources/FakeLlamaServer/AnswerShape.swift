/// The JSON around the text, by endpoint: enough of each for its clients to be content.
enum AnswerShape: CaseIterable, Sendable {
    case chat, completion, native, embedding, openAIEmbedding, rerank, responses, messages, transcription

    /// The endpoints that take a slot, when POSTed to.
    static let endpoints: [String: AnswerShape] = [
        "/completion": .native, "/completions": .native, "/v1/completions": .completion,
        "/chat/completions": .chat, "/v1/chat/completions": .chat,
        "/v1/responses": .responses, "/responses": .responses,
        "/v1/messages": .messages,
        "/v1/audio/transcriptions": .transcription, "/audio/transcriptions": .transcription,
        "/infill": .native,
        "/embedding": .embedding, "/embeddings": .embedding, "/v1/embeddings": .openAIEmbedding,
        "/rerank": .rerank, "/reranking": .rerank, "/v1/rerank": .rerank, "/v1/reranking": .rerank,
        "/v1/systemone": .native,
    ]

    /// Up to the text of an answer that isn't a stream; what closes it follows in ``tail``.
    var head: String {
        switch self {
        case .chat:
            #"{"object":"chat.completion","created":1,"model":"fake","choices":[{"index":0,"finish_reason":"stop","#
                + #""message":{"role":"assistant","content":""#
        case .completion:
            #"{"object":"text_completion","created":1,"model":"fake","choices":[{"index":0,"finish_reason":"stop","#
                + #""text":""#
        case .native: #"{"index":0,"stop":true,"stop_type":"eos","content":""#
        case .embedding: #"{"index":0,"embedding":[[0.6,0.8]],"filler":""#
        case .openAIEmbedding:
            #"{"object":"list","model":"fake","data":[{"object":"embedding","index":0,"embedding":[0.6,0.8],"#
                + #""filler":""#
        case .rerank: #"{"object":"list","model":"fake","results":[{"index":0,"relevance_score":0.5,"filler":""#
        case .responses:
            #"{"object":"response","status":"completed","model":"fake","output":[{"type":"message","#
                + #""role":"assistant","content":[{"type":"output_text","text":""#
        case .messages:
            #"{"type":"message","role":"assistant","model":"fake","stop_reason":"end_turn","content":[{"type":"text","#
                + #""text":""#
        case .transcription: #"{"type":"transcript.text.done","text":""#
        }
    }

    var tail: String {
        switch self {
        case .chat: #""}}],"usage":{"prompt_tokens":1,"completion_tokens":1,"total_tokens":2}"#
        case .completion: #""}],"usage":{"prompt_tokens":1,"completion_tokens":1,"total_tokens":2}"#
        case .native, .embedding, .transcription: #"""#
        case .openAIEmbedding: #""}],"usage":{"prompt_tokens":1,"total_tokens":1}"#
        case .rerank: #""}]"#
        case .responses: #""}]}]"#
        case .messages: #""}],"usage":{"input_tokens":1,"output_tokens":1}"#
        }
    }

    /// Up to the text of one event.
    var eventHead: String {
        switch self {
        case .chat:
            #"data: {"object":"chat.completion.chunk","model":"fake","choices":[{"index":0,"finish_reason":null,"#
                + #""delta":{"content":""#
        case .completion:
            #"data: {"object":"text_completion","model":"fake","choices":[{"index":0,"finish_reason":null,"text":""#
        case .responses:
            "event: response.output_text.delta\n" + #"data: {"type":"response.output_text.delta","delta":""#
        case .messages:
            "event: content_block_delta\n"
                + #"data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":""#
        case .native, .embedding, .openAIEmbedding, .rerank, .transcription:
            #"data: {"index":0,"stop":false,"content":""#
        }
    }

    var eventTail: String {
        switch self {
        case .chat, .completion: self == .chat ? #""}}]"# : #""}]"#
        case .messages: #""}"#
        case .responses, .native, .embedding, .openAIEmbedding, .rerank, .transcription: #"""#
        }
    }

    /// The event after the last token, without the object's end.
    var lastEvent: String {
        switch self {
        case .chat:
            #"data: {"object":"chat.completion.chunk","model":"fake","choices":[{"index":0,"finish_reason":"stop","#
                + #""delta":{}}]"#
        case .completion:
            #"data: {"object":"text_completion","model":"fake","choices":[{"index":0,"finish_reason":"stop","text":""}]"#
        case .responses: "event: response.completed\n" + #"data: {"type":"response.completed""#
        case .messages: "event: message_stop\n" + #"data: {"type":"message_stop""#
        case .native, .embedding, .openAIEmbedding, .rerank, .transcription:
            #"data: {"index":0,"stop":true,"content":"""#
        }
    }

    /// Only OpenAI's first two endpoints end their streams with `[DONE]`.
    var endsWithDone: Bool { self == .chat || self == .completion }
}
