import LlamaServer

/// What whoever speaks to a llama-server has to know, as it was started.
struct ServerAccess: Equatable {
    /// The first of its keys.
    let apiKey: String?
    let pathPrefix: PathPrefix?

    init(arguments: [String], environment: [String: String]) throws(FlagValueError) {
        let keys = Self.value(of: "--api-key", in: arguments) ?? environment["LLAMA_API_KEY"]
        apiKey = keys?.split(separator: ",").first.map(String.init)
        let prefix = Self.value(of: "--api-prefix", in: arguments) ?? environment["LLAMA_ARG_API_PREFIX"]
        pathPrefix =
            if let prefix, !prefix.isEmpty { try SettingText.pathPrefix(prefix) } else { nil }
    }

    private static func value(of name: String, in arguments: [String]) -> String? {
        guard let index = arguments.lastIndex(of: name), index + 1 < arguments.count else { return nil }
        return arguments[index + 1]
    }
}
