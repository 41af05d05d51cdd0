import LlamaServer

/// All that can be set about a model that is served on this machine, in the order of its help.
enum ServeSettings {
    static let all: [any AnySetting] =
        server + listeners + BalancerSettings.limits + BalancerSettings.timeouts + BalancerSettings.access
        + BalancerSettings.requests + BalancerSettings.statsD + SharedSettings.logging

    static let model = Setting<String?>(
        "model",
        "file",
        "The model, a GGUF file. Instead of it, arguments for llama-server behind a -- can say where to get one, such as -- -hf ggml-org/gemma-3-1b-it-GGUF.",
        reading: SettingText.text
    )
    static let llamaServer = Setting<String?>(
        "llama-server",
        "file",
        "The llama-server to run.",
        whenNone: "the one on the PATH",
        reading: SettingText.text
    )
    static let loadTimeout = Setting(
        "load-timeout",
        "duration",
        "How long llama-server may be silent while it loads its model, until it is ended; it may load for as long as it likes while it prints.",
        default: DurationFlag(.seconds(300)),
        reading: SettingText.duration(atLeast: .seconds(1))
    )
    static let opens = Setting(
        onOff: "open",
        "Open the web UI in a browser when the model is loaded."
    )

    private static let server: [any AnySetting] = [
        model, llamaServer, loadTimeout, opens, AgentSettings.name, AgentSettings.stuckAfter,
        BalancerSettings.modelsFile,
    ]

    private static let listeners: [any AnySetting] = [
        BalancerSettings.reverseProxy, BalancerSettings.reverseProxyCertificates, BalancerSettings.reverseProxyKeys,
        BalancerSettings.management,
    ]
}
