import LlamaServer

/// What llama-server is started with, and what that says to those who speak to it.
struct ServerArguments: Equatable {
    /// What the user wants of it.
    let own: [String]
    let model: String?
    /// The first of its keys.
    private(set) var apiKey: String?
    private(set) var pathPrefix: PathPrefix?

    /// - Parameters:
    ///   - model: its file; nil: `own` says which.
    ///   - own: further arguments, as llama-server takes them.
    ///   - environment: which it inherits.
    init(model: String?, own: [String], environment: [String: String]) throws(FlagValueError) {
        self.own = own
        self.model = model
        guard model != nil || !own.isEmpty else {
            throw FlagValueError("which model? Give its file, as in: paddler serve -m model.gguf")
        }
        for refused in ["--host", "--port"] where own.contains(refused) {
            throw FlagValueError(
                "\(refused): paddler chooses where llama-server listens; where clients connect is --reverseproxy-addr"
            )
        }
        guard !own.contains("--api-key-file") else {
            throw FlagValueError(
                "--api-key-file: paddler asks llama-server for its state, and needs the key: use --api-key or LLAMA_API_KEY"
            )
        }
        let keys = Self.value(of: ["--api-key"], in: own) ?? environment["LLAMA_API_KEY"]
        apiKey = keys?.split(separator: ",").first.map(String.init)
        let prefix = Self.value(of: ["--api-prefix"], in: own) ?? environment["LLAMA_ARG_API_PREFIX"]
        if let prefix, !prefix.isEmpty { pathPrefix = try SettingText.pathPrefix(prefix) }
    }

    /// The whole of it. What the user says counts more than what is said for them, since it comes last.
    ///
    /// - Parameter port: where it listens, on this machine alone.
    func all(port: Int) -> [String] {
        let given = model.map { ["-m", $0] } ?? []
        // docs/prompt-cache.md tells why the similarity.
        let chosen = ["--host", "127.0.0.1", "--port", "\(port)", "--metrics", "--slot-prompt-similarity", "0.5"]
        return given + chosen + own
    }

    private static func value(of names: Set<String>, in arguments: [String]) -> String? {
        guard let index = arguments.lastIndex(where: { names.contains($0) }), index + 1 < arguments.count else {
            return nil
        }
        return arguments[index + 1]
    }
}
