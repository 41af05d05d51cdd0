/// Requests for a real llama-server with the tiny model.
enum Chat {
    /// Ends after so many tokens.
    case short
    /// Goes on until its client leaves.
    case endless
    case endlessStream

    /// What llama-server needs for an answer to have no end.
    static let needs = ["--context-shift"]

    static let path = "/v1/chat/completions"

    var body: String {
        let options =
            switch self {
            case .short: #""max_tokens":8"#
            case .endless: #""max_tokens":-1"#
            case .endlessStream: #""max_tokens":-1,"stream":true"#
            }
        return #"{"messages":[{"role":"user","content":"Hello"}],"temperature":0,\#(options)}"#
    }

    /// - Returns: the connection over which the request has been sent.
    func start(port: Int) async throws -> RawClient {
        let client = try RawClient(port: port)
        try await client.send(RawClient.request("POST", Self.path, body: body))
        return client
    }

    func exchange(port: Int, headers: [String: String] = [:]) async throws -> HTTPReply {
        try await RawClient.exchange(
            "POST",
            Self.path,
            port: port,
            headers: headers,
            body: body,
            within: .seconds(60)
        )
    }
}
