import NIOCore
import NIOHTTP1

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Which answer a request gets.
struct Router {
    enum Decision {
        case content(Exchange.Content)
        case answer(ByteBuffer)
        case control(ControlAction)
    }

    private static let publicPaths = ["/health", "/v1/health"]

    let server: ServerContext

    func route(_ request: Request, closes: Bool) -> Decision {
        if let complaint = request.complaint {
            return .answer(text(400, Self.json(["error": complaint]), request, closes))
        }
        if request.isForUs { return control(request, closes) }
        if request.method == .OPTIONS { return .content(.plain(preflight(closes))) }
        switch request.script.fault {
        case .loading: return .answer(server.answers.error(503, closes: closes))
        case .unauthorized: return .answer(server.answers.error(401, closes: closes))
        case .slotsDisabled: return .answer(server.answers.error(501, closes: closes))
        default: break
        }
        if let key = server.options.apiKey, request.key != key, !Self.publicPaths.contains(request.path) {
            return .answer(server.answers.error(401, closes: closes))
        }
        if let status = statusOfRole(request) { return .answer(server.answers.error(status, closes: closes)) }
        if request.script.wantsEcho { return .content(.plain(echo(request, closes))) }
        if let conversation = request.conversation, request.asksForStream { server.state.keep(conversation) }
        guard let shape = request.shape else { return .content(.plain(free(request, closes))) }
        return .content(.generated(shape, streams: request.asksForStream))
    }

    /// Whoever sends nothing to these asks whether it does such work.
    private func statusOfRole(_ request: Request) -> Int? {
        guard request.method == .POST, request.path == "/embeddings" || request.path == "/rerank",
            request.body == ByteBuffer(string: "{}")
        else { return nil }
        switch (server.options.role, request.path) {
        case ("embeddings", "/embeddings"), ("reranking", _): return 400
        case (nil, _): return 404
        default: return 501
        }
    }

    // MARK: - Free of slots

    private func free(_ request: Request, _ closes: Bool) -> ByteBuffer {
        let isGet = request.method == .GET || request.method == .HEAD
        let isPost = request.method == .POST
        switch request.path {
        case "/health" where isGet, "/v1/health" where isGet: return text(200, #"{"status":"ok"}"#, request, closes)
        case "/slots" where isGet: return slots(request, closes)
        case "/props" where isGet: return text(200, props, request, closes)
        case "/v1/models" where isGet, "/models" where isGet: return text(200, models, request, closes)
        case "/metrics" where isGet: return metrics(request, closes)
        case "/" where isGet:
            let page = "<!DOCTYPE html><title>fake</title><p>No model, no tokens of worth.\n"
            return server.answers.text(200, page, type: "text/html", closes: closes, isHead: request.method == .HEAD)
        case "/v1/stream": return stream(request, closes)
        case "/v1/streams/lookup" where isPost: return lookup(request, closes)
        case "/v1/chat/completions/control" where isPost: return steer(request, closes)
        case "/lora-adapters" where isGet: return text(200, "[]", request, closes)
        case "/lora-adapters" where isPost: return text(200, #"{"success":true}"#, request, closes)
        case "/tokenize" where isPost: return text(200, #"{"tokens":[1,2,3]}"#, request, closes)
        case "/detokenize" where isPost: return text(200, #"{"content":"one two three"}"#, request, closes)
        case "/apply-template" where isPost: return text(200, #"{"prompt":"one two three"}"#, request, closes)
        case "/v1/messages/count_tokens" where isPost: return text(200, #"{"input_tokens":3}"#, request, closes)
        case let path where isPost && path.hasPrefix("/slots/"): return slotAction(request, closes)
        default: return server.answers.error(404, closes: closes)
        }
    }

    // MARK: - Streams that are asked for again

    private func stream(_ request: Request, _ closes: Bool) -> ByteBuffer {
        let conversation = request.query.split(separator: "&").first { $0.hasPrefix("conv_id=") }?.dropFirst(8) ?? ""
        guard !conversation.isEmpty else {
            let message = "Missing conversation id in path"
            let error = #"{"error":{"code":400,"message":"\#(message)","type":"invalid_request_error"}}"#
            return text(400, error, request, closes)
        }
        if request.method == .DELETE {
            server.state.end(String(conversation))
            return text(204, "", request, closes)
        }
        guard server.state.isKept(String(conversation)) else { return server.answers.error(404, closes: closes) }
        return server.answers.text(200, "data: {}\n\n", type: "text/event-stream", closes: closes)
    }

    private func lookup(_ request: Request, _ closes: Bool) -> ByteBuffer {
        struct Question: Decodable { let conversation_ids: [String]? }
        let asked = try? JSONDecoder().decode(Question.self, from: Data(request.body.readableBytesView))
        let kept = (asked?.conversation_ids ?? []).filter(server.state.isKept)
        let entries = kept.map { #"{"conversation_id":"\#($0)","is_done":true,"total_bytes":10,"started_at":1}"# }
        return text(200, "[\(entries.joined(separator: ","))]", request, closes)
    }

    /// It runs the completion that is called as it is.
    private func steer(_ request: Request, _ closes: Bool) -> ByteBuffer {
        struct Question: Decodable { let id: String? }
        let asked = try? JSONDecoder().decode(Question.self, from: Data(request.body.readableBytesView))
        let isMeant = asked?.id == server.answers.server
        let answer = isMeant ? #"{"success":true}"# : #"{"success":false,"message":"no active completion for this id"}"#
        return text(200, answer, request, closes)
    }

    /// As of a server with `--slot-save-path`, that has saved what it restores.
    private func slotAction(_ request: Request, _ closes: Bool) -> ByteBuffer {
        guard let slot = Int(request.path.dropFirst("/slots/".count)), 0..<server.state.slots ~= slot else {
            let error = #"{"error":{"code":400,"message":"Invalid slot ID","type":"invalid_request_error"}}"#
            return text(400, error, request, closes)
        }
        return text(200, #"{"id_slot":\#(slot),"filename":"a.bin","n_saved":3}"#, request, closes)
    }

    private func slots(_ request: Request, _ closes: Bool) -> ByteBuffer {
        if server.options.routerMode, !request.query.contains("model=") {
            let message = "model name is missing from the request"
            let error = #"{"error":{"code":400,"message":"\#(message)","type":"invalid_request_error"}}"#
            return text(400, error, request, closes)
        }
        let views = server.state.slotViews()
        if request.query.contains("fail_on_no_slot="), views.allSatisfy(\.isProcessing) {
            let error = #"{"error":{"code":503,"message":"no slot available","type":"unavailable_error"}}"#
            return text(503, error, request, closes)
        }
        let slots = views.enumerated().map { id, slot in
            var fields = #""id":\#(id),"n_ctx":\#(server.options.context),"speculative":false,"#
            fields += #""is_processing":\#(slot.isProcessing)"#
            if let task = slot.task {
                fields += #","id_task":\#(task),"n_prompt_tokens":3,"n_prompt_tokens_processed":3,"#
                fields += #""n_prompt_tokens_cache":0,"params":{},"next_token":[{"has_next_token":"#
                fields += #"\#(slot.isProcessing),"has_new_line":false,"n_remain":-1,"n_decoded":\#(slot.decoded)}]"#
            }
            return "{\(fields)}"
        }
        return text(200, "[\(slots.joined(separator: ","))]", request, closes)
    }

    private var props: String {
        guard !server.options.routerMode else {
            return #"{"role":"router","max_instances":4,"models_autoload":true,"model_alias":"llama-server","#
                + #""model_path":"none","default_generation_settings":{"params":null,"n_ctx":0},"build_info":"fake"}"#
        }
        let settings = #"{"n_ctx":\#(server.options.context),"params":{}}"#
        return #"{"default_generation_settings":\#(settings),"total_slots":\#(server.state.slots),"#
            + #""model_alias":"\#(server.options.model)","model_path":"/models/\#(server.options.model).gguf","#
            + #""modalities":{"vision":false,"audio":false},"endpoint_slots":true,"endpoint_props":false,"#
            + #""endpoint_metrics":true,"is_sleeping":false,"chat_template":"","build_info":"fake"}"#
    }

    private var models: String {
        #"{"object":"list","data":[{"id":"\#(server.options.model)","object":"model","created":1,"#
            + #""owned_by":"llamacpp","aliases":["\#(server.options.model)"],"tags":[],"#
            + #""meta":{"n_ctx":\#(server.options.context),"n_ctx_train":4096,"n_params":1,"size":1}}]}"#
    }

    private func metrics(_ request: Request, _ closes: Bool) -> ByteBuffer {
        let counts = server.state.counts()
        let body = """
            # TYPE llamacpp:requests_processing gauge
            llamacpp:requests_processing \(counts.runningNow)
            # TYPE llamacpp:requests_deferred gauge
            llamacpp:requests_deferred \(counts.deferredNow)

            """
        return server.answers.text(
            200,
            body,
            type: "text/plain; version=0.0.4",
            closes: closes,
            isHead: request.method == .HEAD
        )
    }

    private func preflight(_ closes: Bool) -> ByteBuffer {
        let headers =
            "Access-Control-Allow-Credentials: true\r\nAccess-Control-Allow-Methods: GET, POST\r\n"
            + "Access-Control-Allow-Headers: *\r\nContent-Type"
        let head = server.answers.head(200, "text/html", length: 0, closes: closes)
        return ByteBuffer(string: head.replacing("Content-Type", with: headers))
    }

    private func text(_ status: Int, _ body: String, _ request: Request, _ closes: Bool) -> ByteBuffer {
        server.answers.text(status, body, closes: closes, isHead: request.method == .HEAD)
    }

    // MARK: - Control

    private func control(_ request: Request, _ closes: Bool) -> Decision {
        switch (request.method, request.path) {
        case (_, "/fake/echo"): return .answer(echo(request, closes))
        case (.GET, "/fake/counts"): return .answer(text(200, Self.json(server.state.counts()), request, closes))
        case (.GET, "/fake/journal"): return .answer(text(200, Self.json(server.state.journal), request, closes))
        case (.POST, "/fake/reset"): return .control(.resetCounts)
        case (.DELETE, "/fake/fault"): return .control(.clearFaults)
        case (.POST, "/fake/fault"):
            do {
                let body = Data(request.body.readableBytesView)
                return .control(.add(try JSONDecoder().decode(StandingFault.self, from: body)))
            } catch {
                return .answer(text(400, Self.json(["error": "\(error)"]), request, closes))
            }
        default: return .answer(server.answers.error(404, closes: closes))
        }
    }

    /// The request's head as it came, with its empty line, then its body without framing.
    private func echo(_ request: Request, _ closes: Bool) -> ByteBuffer {
        let raw = request.rawHead ?? ByteBuffer()
        let length = raw.readableBytes + request.body.readableBytes
        let head = server.answers.head(200, "application/octet-stream", length: length, closes: closes)
        var answer = ByteBuffer(string: head)
        answer.writeImmutableBuffer(raw)
        answer.writeImmutableBuffer(request.body)
        return answer
    }

    private static func json(_ value: some Encodable) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        guard let data = try? encoder.encode(value) else { return "{}" }
        return String(decoding: data, as: UTF8.self)
    }
}
