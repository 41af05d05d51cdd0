import LlamaServer

/// All that can be set about a model that is served on this machine, in the order of its help.
enum ServeSettings {
    static let all: [any AnySetting] =
        server + listeners + BalancerSettings.limits + BalancerSettings.timeouts + BalancerSettings.access
        + BalancerSettings.requests + BalancerSettings.statsD + SharedSettings.logging

    static let model = Setting<[String]>(
        several: "model",
        "file",
        "The model, a GGUF file. Of several, each is loaded on demand under its file name without .gguf, the first one at once. Alternatively, arguments for llama-server after -- can name one to download, such as -- -hf ggml-org/gemma-3-1b-it-GGUF.",
        reading: SettingText.text
    )
    static let llamaSwap = Setting<String?>(
        "llama-swap-config",
        "file",
        "A llama-swap configuration, whose models are loaded on demand; unsupported parts are reported in the log.",
        reading: SettingText.text
    )
    static let opens = Setting(
        onOff: "open",
        "Open the web UI in a browser when the model is loaded."
    )

    private static let server: [any AnySetting] = [
        model, ModelSettings.folder, llamaSwap, ModelSettings.memory, ModelSettings.llamaServer,
        ModelSettings.loadTimeout, ModelSettings.logFolder, opens,
        AgentSettings.name, AgentSettings.stuckAfter, BalancerSettings.modelsFile,
    ]

    private static let listeners: [any AnySetting] = [
        BalancerSettings.reverseProxy, BalancerSettings.reverseProxyCertificates, BalancerSettings.reverseProxyKeys,
        BalancerSettings.proxyProtocol, BalancerSettings.speaksHTTP2WithoutTLS, BalancerSettings.management,
    ]
}
