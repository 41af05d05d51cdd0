import LlamaServer

/// All that can be set about a model that is served on this machine, in the order of its help.
enum ServeSettings {
    static let all: [any AnySetting] =
        server + listeners + BalancerSettings.limits + BalancerSettings.timeouts + BalancerSettings.access
        + BalancerSettings.requests + BalancerSettings.statsD + SharedSettings.logging

    static let model = Setting<[String]>(
        several: "model",
        "file",
        "The model, a GGUF file. Of several, each is loaded when requests ask for it by the file's name without .gguf, the first at once. Instead of it, arguments for llama-server behind a -- can say where to get one, such as -- -hf ggml-org/gemma-3-1b-it-GGUF.",
        reading: SettingText.text
    )
    static let llamaSwap = Setting<String?>(
        "llama-swap-config",
        "file",
        "A configuration of llama-swap's, whose models are loaded on demand; what isn't taken from it is told in the log.",
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
