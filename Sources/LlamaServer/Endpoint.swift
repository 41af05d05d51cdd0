// Hot: once per request. No allocation, no String.

/// Which of llama-server's endpoints a request means.
///
/// llama-server (cpp-httplib) decodes `%XX` and `%uXXXX` in a path, cuts it at `#`, and then compares it byte for byte:
/// letter case, repeated and trailing slashes and dot segments make another path, which it doesn't have. The same is
/// done here, so that no spelling reaches a slot unseen.
public enum Endpoint {
    /// - Parameters:
    ///   - isPost: whether the method is POST, which alone occupies slots.
    ///   - path: the target's path as it came, without its query.
    public static func classify(isPost: Bool, path: borrowing Span<UInt8>) -> EndpointKind {
        let kind = classify(isPost: isPost, decoded: path)
        guard kind == .free else { return kind }
        for index in path.indices where path[index] == UInt8(ascii: "%") || path[index] == UInt8(ascii: "#") {
            return classify(isPost: isPost, decoded: ServedPath.decoding(path).span)
        }
        return .free
    }

    private static func classify(isPost: Bool, decoded path: borrowing Span<UInt8>) -> EndpointKind {
        if isPost, let dialect = slotDialect(of: path) { return .slot(dialect) }
        switch path.count {
        case 6 where !isPost && path.equals("/slots"): return .described
        case 6 where !isPost && path.equals("/props"): return .properties
        case 7 where path.equals("/health"): return .health
        case 7 where !isPost && path.equals("/models"): return .models
        case 8 where !isPost && path.equals("/metrics"): return .metrics
        case 9 where !isPost && path.equals("/api/tags"): return .models
        case 10 where path.equals("/v1/health"): return .health
        case 10 where !isPost && path.equals("/v1/models"): return .models
        default: break
        }
        return kindOfOwned(path, isPost: isPost)
    }

    /// Whether a path begins with these whole segments, and so is another one behind them.
    ///
    /// - Parameters:
    ///   - prefix: as in ``PathPrefix``.
    ///   - path: as it came, with or without what follows a path in a request line.
    public static func hasPrefix(_ prefix: [UInt8], _ path: borrowing Span<UInt8>) -> Bool {
        guard path.count > prefix.count, path[prefix.count] == UInt8(ascii: "/") else { return false }
        for index in prefix.indices where path[index] != prefix[index] { return false }
        return true
    }

    /// Everything that llama-server runs in a slot.
    private static func slotDialect(of path: borrowing Span<UInt8>) -> Dialect? {
        // By length first: at most four paths are left to compare.
        switch path.count {
        case 7:
            path.equals("/infill") || path.equals("/rerank") ? .native : nil
        case 10:
            path.equals("/responses")
                ? .openAI
                : path.equals("/embedding") || path.equals("/reranking") || path.equals("/v1/rerank") ? .native : nil
        case 11:
            path.equals("/completion") || path.equals("/embeddings") ? .native : nil
        case 12:
            path.equals("/v1/messages") ? .anthropic : path.equals("/completions") ? .native : nil
        case 13:
            path.equals("/v1/responses")
                ? .openAI : path.equals("/v1/reranking") || path.equals("/v1/systemone") ? .native : nil
        case 14:
            path.equals("/v1/embeddings") ? .openAI : nil
        case 15:
            path.equals("/v1/completions") ? .openAI : nil
        case 17:
            path.equals("/chat/completions") ? .openAI : nil
        case 20:
            path.equals("/v1/chat/completions") ? .openAI : nil
        case 21:
            path.equals("/audio/transcriptions") ? .openAI : nil
        case 24:
            path.equals("/v1/audio/transcriptions") ? .openAI : nil
        default:
            nil
        }
    }

    /// Whether its answer is a stream of events, if that is asked for. Embeddings, for example, ignore the wish.
    ///
    /// - Parameter path: of a POST, as it came, without its query.
    public static func canStream(path: borrowing Span<UInt8>) -> Bool {
        let decoded = ServedPath.decoding(path)
        let path = decoded.span
        return path.equals("/completion") || path.equals("/completions") || path.equals("/v1/completions")
            || path.equals("/chat/completions") || path.equals("/v1/chat/completions")
            || path.equals("/responses") || path.equals("/v1/responses")
            || path.equals("/v1/messages") || path.equals("/infill")
    }

    /// Whether it asks for a chat completion.
    ///
    /// - Parameter path: of a POST, as it came, without its query.
    public static func isChat(path: borrowing Span<UInt8>) -> Bool {
        let decoded = ServedPath.decoding(path)
        return decoded.span.equals("/chat/completions") || decoded.span.equals("/v1/chat/completions")
    }

    /// The models that a request names in its query, in their order. llama-server's router means the last one.
    ///
    /// - Parameter query: behind the path, with its question mark.
    public static func models(inQuery query: borrowing Span<UInt8>) -> [String] {
        var models: [String] = []
        var start = 1
        while start < query.count {
            let end = query.index(of: UInt8(ascii: "&"), from: start) ?? query.count
            let part = query.extracting(start..<end)
            start = end + 1
            guard let equals = part.index(of: UInt8(ascii: "="), from: 0),
                decodedInQuery(part.extracting(0..<equals)).span.equals("model")
            else { continue }
            let value = decodedInQuery(part.extracting((equals + 1)...)).prefix(RequestBodyScan.longestModel)
            if !value.isEmpty { models.append(String(decoding: value, as: UTF8.self)) }
        }
        return models
    }

    /// As cpp-httplib: names are decoded, too, and `+` is a space.
    private static func decodedInQuery(_ text: borrowing Span<UInt8>) -> [UInt8] {
        let plus = UInt8(ascii: "+")
        let spaced = text.withUnsafeBufferPointer { $0.map { $0 == plus ? UInt8(ascii: " ") : $0 } }
        return ServedPath.decoding(spaced.span)
    }

    /// - Parameters:
    ///   - name: with its equals sign.
    ///   - query: with its question mark.
    /// - Returns: the first that is not empty, as it came.
    static func value(of name: StaticString, inQuery query: borrowing Span<UInt8>) -> [UInt8]? {
        var start = 1
        while start < query.count {
            let end = query.index(of: UInt8(ascii: "&"), from: start) ?? query.count
            let part = query.extracting(start..<end)
            if part.begins(with: name), part.count > name.utf8CodeUnitCount {
                return part.extracting(name.utf8CodeUnitCount...).withUnsafeBufferPointer { Array($0) }
            }
            start = end + 1
        }
        return nil
    }

    /// Reads or changes what only one particular server holds: its slots' caches, its adapters, its running streams,
    /// and, of a router, its loaded models.
    private static func kindOfOwned(_ path: borrowing Span<UInt8>, isPost: Bool) -> EndpointKind {
        if path.equals("/lora-adapters") { return isPost ? .adapters : .described }
        if path.begins(with: "/v1/stream") {
            return isPost && path.begins(with: "/v1/streams/") ? .streams : .stream
        }
        guard isPost else { return .free }
        if path.equals("/v1/chat/completions/control") { return .control }
        if path.equals("/models/load") { return .residency(isLoad: true) }
        if path.equals("/models/unload") { return .residency(isLoad: false) }
        let isOwned = path.begins(with: "/slots/") || path.equals("/props")
        return isOwned ? .singleServer : .free
    }
}
