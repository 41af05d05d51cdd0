import Agent
import LlamaServer

/// All that can be set about an agent, in the order of its help.
enum AgentSettings {
    static let all: [any AnySetting] =
        llamaServer + ModelSettings.all + balancers + life + SharedSettings.logging

    // llama-server

    static let local = AddressSetting(
        "local-llamacpp",
        "Where the agent reaches llama-server.",
        or: .address(NetworkAddress(host: "127.0.0.1", port: 8088)),
        allowsSocket: true
    )
    static let localScheme = Setting(
        choice: "local-llamacpp-scheme",
        "scheme",
        "The scheme that the agent uses; https is TLS.",
        default: Scheme.http,
        isNoneWhenEmpty: true
    )
    static let external = AddressSetting(
        "external-llamacpp",
        "Where the balancers reach llama-server.",
        or: .same(local, inWords: "local"),
        allowsSocket: true
    )
    static let externalScheme = Setting(
        choice: "external-llamacpp-scheme",
        "scheme",
        "The scheme that the balancers use; https is TLS.",
        default: Scheme.http,
        isNoneWhenEmpty: true
    )
    static let pathPrefix = Setting<PathPrefix?>(
        "llamacpp-api-prefix",
        "path",
        "The prefix of llama-server's paths (its --api-prefix). Clients of the balancer may omit it.",
        reading: SettingText.pathPrefix
    )
    static let apiKey = Setting<String?>(
        "local-llamacpp-api-key",
        "key",
        "llama-server's --api-key, for the agent's own requests.",
        isSecret: true,
        isNoneWhenEmpty: true,
        oldNames: [llamaCppAPIKey],
        reading: SettingText.secret
    )
    /// Paddler 1.x's name.
    static let llamaCppAPIKey = Setting<String?>(
        old: "llamacpp-api-key",
        "key",
        for: "--local-llamacpp-api-key",
        default: nil,
        isSecret: true,
        reading: SettingText.secret
    )
    static let upstreamAPIKey = Setting<String?>(
        "upstream-api-key",
        "key",
        "The key that balancers add to requests to this server; requires a --management-token.",
        isSecret: true,
        reading: SettingText.secret
    )
    static let caFile = Setting<String?>(
        "ca-file",
        "file",
        "A PEM file of certificates to trust, besides the system's, for https.",
        reading: SettingText.text
    )
    static let monitoringInterval = Setting(
        "monitoring-interval",
        "duration",
        "How often the slots are polled while requests run; they are also polled at once when necessary.",
        default: DurationFlag(.seconds(5)),
        oldNames: [agentReportingInterval],
        reading: SettingText.duration(atLeast: .milliseconds(100))
    )
    /// Paddler 0.10's name, in its spelling.
    static let agentReportingInterval = Setting(
        old: "agent-reporting-interval-miliseconds",
        "milliseconds",
        for: "--monitoring-interval",
        remark: ", as a number of milliseconds",
        default: DurationFlag(.seconds(5)),
        reading: SettingText.milliseconds(atLeast: 100)
    )

    static let stuckAfter = Setting(
        "stuck-after",
        "duration",
        "How long busy slots may make no progress before llama-server counts as stuck and gets no new requests; 0 disables it.",
        default: DurationFlag(.seconds(600)),
        reading: SettingText.duration(atLeast: .zero)
    )

    static let weight = Setting(
        "weight",
        "n",
        "The server's share of requests relative to a server of weight 1, such as 3 if it is three times as fast.",
        default: 1,
        reading: SettingText.number(1...256)
    )

    private static let llamaServer: [any AnySetting] = [
        local, localScheme, external, externalScheme, pathPrefix, apiKey, upstreamAPIKey, caFile, monitoringInterval,
        stuckAfter, weight,
    ]

    // Balancers

    static let management = AddressSetting(
        "management",
        "The balancer's management host.",
        or: .address(NetworkAddress(host: "127.0.0.1", port: 8085)),
        repeatHint: "May be given several times to report to several balancers."
    )
    static let managementScheme = Setting(
        choice: "management-scheme",
        "scheme",
        "The scheme of the balancers; https is TLS.",
        default: Scheme.http,
        isNoneWhenEmpty: true
    )
    static let managementToken = Setting<String?>(
        "management-token",
        "token",
        "The balancers' --management-token.",
        isSecret: true,
        reading: SettingText.secret
    )
    static let managementTokenFile = Setting<String?>(
        "management-token-file",
        "file",
        "A file with that token in its first line that is not a comment (#); read for each connection.",
        reading: SettingText.text
    )
    static let managementCertificate = SharedSettings.managementCertificate
    static let managementKey = SharedSettings.managementKey
    static let dialect = Setting(
        choice: "dialect",
        "dialect",
        "The protocol of the balancers: ours, or that of Paddler 0.10 or 1.x.",
        default: AgentDialect.current
    )
    static let name = Setting<String?>(
        "name",
        "name",
        "The server's name in dashboards, logs and metrics.",
        isNoneWhenEmpty: true,
        reading: SettingText.text
    )

    private static let balancers: [any AnySetting] = [
        management, managementScheme, managementToken, managementTokenFile, managementCertificate, managementKey,
        dialect,
        name,
    ]

    // The agent itself

    static let drainTimeout = Setting(
        "drain-timeout",
        "duration",
        "How long running requests get to finish after the agent was told to stop.",
        default: DurationFlag(.seconds(30)),
        reading: SettingText.duration(atLeast: .zero)
    )
    static let statusServer = AddressSetting(
        "status-server",
        "Where the agent answers GET /health itself.",
        or: .off(NetworkAddress(host: "127.0.0.1", port: 8087)),
        allowsAnyPort: true
    )
    static let statusServerScheme = Setting(
        unused: "status-server-scheme",
        "scheme",
        "Accepted for compatibility; listeners speak plain HTTP.",
        default: "http"
    )

    static let agentCheck = AddressSetting(
        "agent-check",
        "Where an HAProxy asks for free slots (agent-check); the agent then reports only to balancers that are given explicitly.",
        or: .off(NetworkAddress(host: "127.0.0.1", port: 8089)),
        allowsAnyPort: true
    )

    private static let life: [any AnySetting] = [drainTimeout, statusServer, statusServerScheme, agentCheck]
}
