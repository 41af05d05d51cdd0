import AccessControl
import FleetMetrics

/// Who is let in, and to what.
extension BalancerSettings {
    static let apiKeys = Setting(
        several: "api-key",
        "key",
        "A key that admits clients; may be given several times. Without keys, and without a file of keys, all clients are admitted.",
        isSecret: true,
        reading: SettingText.secret
    )
    static let apiKeyFile = Setting<String?>(
        "api-key-file",
        "file",
        "A file with such keys, one on each line; reloaded when it changes and on SIGHUP.",
        reading: SettingText.text
    )
    static let tenantsFile = Setting<String?>(
        "tenants-file",
        "file",
        "A YAML file of tenants, with their keys and limits; reloaded when it changes and on SIGHUP. The keys of --api-key form one more tenant.",
        reading: SettingText.text
    )
    static let fairBy = Setting(
        choice: "fair-by",
        "whom",
        "How slots are shared without a --tenants-file: evenly among clients' addresses, or among nobody, so that the first request is served first.",
        default: FairBy.nobody
    )
    static let managementTokens = Setting(
        several: "management-token",
        "token",
        "A token that admits agents and operators; may be given several times.",
        isSecret: true,
        reading: SettingText.secret
    )
    static let managementTokenFile = Setting<String?>(
        "management-token-file",
        "file",
        "A file with such tokens, one on each line; reloaded when it changes and on SIGHUP.",
        reading: SettingText.text
    )
    static let managementReadTokens = Setting(
        several: "management-read-token",
        "token",
        "A token for operators that may read everything except servers' logs, and change nothing; needs a --management-token.",
        isSecret: true,
        reading: SettingText.secret
    )
    static let managementReadTokenFile = Setting<String?>(
        "management-read-token-file",
        "file",
        "A file with such tokens, one on each line; reloaded when it changes and on SIGHUP.",
        reading: SettingText.text
    )
    static let agentNames = Setting(
        choice: "agent-names",
        "whose",
        "The names that agents may use: any, or only those of their certificates (see --agent-allow).",
        default: AgentNaming.any
    )
    static let allowedAgents = Setting(
        several: "agent-allow",
        "name",
        """
        With --agent-names certificate, a name that every admitted agent may use, or a pattern (* for any characters, ? \
        for one); may be given several times.
        """,
        separatedBy: ",",
        reading: SettingText.text
    )
    static let slotsEndpoint = Setting(
        onOff: "slots-endpoint-enable",
        "Let clients reach /slots, which shows other clients' prompts."
    )
    static let streamsEndpoint = Setting(
        onOff: "streams-endpoint-enable",
        "With --api-key, let clients reach running answers by their conversation's id (/v1/stream), including those of other keys."
    )
    static let adminEndpoints = Setting(
        onOff: "admin-endpoints-enable",
        "Let clients change servers (properties, adapters, models) and use their tools and CORS proxy."
    )
    static let allowedOrigins = Setting(
        several: "management-cors-allowed-host",
        "origin",
        "An origin whose pages may use the management API, for example https://ops.example; may be given several times.",
        reading: SettingText.text
    )
    static let allowedHosts = Setting(
        several: "management-allowed-host",
        "name",
        "A host name that browsers may use for the management address if there is no token; may be given several times.",
        reading: SettingText.hostName
    )
    static let dashboard = Setting(
        onOff: "management-dashboard-enable",
        "Serve the dashboard at the management address."
    )
    static let metricsEndpoint = Setting(
        onOff: "metrics-endpoint-enable",
        "Accepted for compatibility: /metrics is always at the management address.",
        default: true
    )
    static let metricsUpstreams = Setting(
        "metrics-upstreams",
        "count",
        """
        The number of servers up to which /metrics has series for each server (some 80), or off; larger fleets get totals only.
        """,
        default: MetricsReading.usualUpstreams,
        reading: SettingText.countOrOff,
        showing: SettingText.shown(countOrOff:)
    )

    static let explainsAnswers = Setting(
        onOff: "explain-answers",
        "Add to each answer the server that sent it and the reason (X-Paddler-Upstream, X-Paddler-Reason); otherwise clients request that with X-Paddler-Explain: 1."
    )

    static let trustedProxies = Setting(
        several: "trusted-proxies",
        "range",
        """
        A proxy in front of the balancer, an address or a range such as 10.0.0.0/8, whose X-Forwarded-For and similar headers are \
        trusted and extended; those of others are replaced. May be given several times. Without any: this machine.
        """,
        whenNone: "this machine",
        separatedBy: ",",
        reading: SettingText.addressRange
    )

    static let access: [any AnySetting] = [
        apiKeys, apiKeyFile, tenantsFile, fairBy, managementTokens, managementTokenFile, managementReadTokens,
        managementReadTokenFile, agentNames, allowedAgents,
        slotsEndpoint, streamsEndpoint, adminEndpoints, allowedOrigins, allowedHosts, dashboard, metricsEndpoint,
        metricsUpstreams, explainsAnswers, trustedProxies,
    ]
}
