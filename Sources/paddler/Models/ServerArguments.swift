import LlamaServer

/// What llama-server is started with, and what that says to those who speak to it.
struct ServerArguments: Equatable {
    /// What the user wants of it.
    let own: [String]
    let model: String?
    let access: ServerAccess

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
        access = try ServerAccess(arguments: own, environment: environment)
    }

    /// The whole of it. What the user says counts more than what is said for them, since it comes last.
    ///
    /// - Parameters:
    ///   - port: where it listens.
    ///   - host: likewise; by default on this machine alone.
    ///   - name: what it says that its model is called; nil: its file.
    func all(port: Int, host: String = "127.0.0.1", name: String? = nil) -> [String] {
        let given = (model.map { ["-m", $0] } ?? []) + (name.map { ["--alias", $0] } ?? [])
        // docs/prompt-cache.md tells why the similarity.
        let chosen = ["--host", host, "--port", "\(port)", "--metrics", "--slot-prompt-similarity", "0.5"]
        return given + chosen + own
    }
}
