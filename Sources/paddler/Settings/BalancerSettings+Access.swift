import AccessControl
import FleetMetrics

/// Who is let in, and to what.
extension BalancerSettings {
    static let apiKeys = Setting(
        several: "api-key",
        "key",
        "A key that lets clients in; give it again for another. Without any, and no file, everybody is let in.",
        isSecret: true,
        reading: SettingText.secret
    )
    static let apiKeyFile = Setting<String?>(
        "api-key-file",
        "file",
        "A file of such keys, one a line; read again when it changes and on SIGHUP.",
        reading: SettingText.text
    )
    static let tenantsFile = Setting<String?>(
        "tenants-file",
        "file",
        "A YAML file of tenants: their keys, and what each may use; read again when it changes and on SIGHUP. Keys of --api-key are one more tenant.",
        reading: SettingText.text
    )
    static let fairBy = Setting(
        choice: "fair-by",
        "whom",
        "Among whom slots are shared where there is no --tenants-file: clients' addresses, or nobody, so that whoever came first is first.",
        default: FairBy.nobody
    )
    static let managementTokens = Setting(
        several: "management-token",
        "token",
        "A token that lets agents and operators in, as --api-key lets clients in.",
        isSecret: true,
        reading: SettingText.secret
    )
    static let managementTokenFile = Setting<String?>(
        "management-token-file",
        "file",
        "A file of such tokens, one a line; read again when it changes and on SIGHUP.",
        reading: SettingText.text
    )
    static let managementReadTokens = Setting(
        several: "management-read-token",
        "token",
        "A token that lets operators in to read everything but servers' logs, and change nothing, beside a --management-token.",
        isSecret: true,
        reading: SettingText.secret
    )
    static let managementReadTokenFile = Setting<String?>(
        "management-read-token-file",
        "file",
        "A file of such tokens, one a line; read again when it changes and on SIGHUP.",
        reading: SettingText.text
    )
    static let agentNames = Setting(
        choice: "agent-names",
        "whose",
        "Which names agents may speak for: any, or those alone for which they show a certificate (see --agent-allow).",
        default: AgentNaming.any
    )
    static let allowedAgents = Setting(
        several: "agent-allow",
        "name",
        """
        With --agent-names certificate, a name that every agent may have that is let in, or a pattern (* any characters, ? \
        any one); give it again for another.
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
        "With --api-key, let clients reach running answers, those of other keys too, by their conversation's id (/v1/stream)."
    )
    static let adminEndpoints = Setting(
        onOff: "admin-endpoints-enable",
        "Let clients change servers (properties, adapters, models) and use their tools and CORS proxy."
    )
    static let allowedOrigins = Setting(
        several: "management-cors-allowed-host",
        "origin",
        "An origin whose pages may use the management API, for example https://ops.example; give it again for another.",
        reading: SettingText.text
    )
    static let allowedHosts = Setting(
        several: "management-allowed-host",
        "name",
        "A name by which browsers may reach the management address when there is no token; give it again for another.",
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
        Up to how many servers /metrics tells of one by one, each with some 80 series, or off; of more it tells of all together.
        """,
        default: MetricsReading.usualUpstreams,
        reading: SettingText.countOrOff,
        showing: SettingText.shown(countOrOff:)
    )

    static let explainsAnswers = Setting(
        onOff: "explain-answers",
        "Say in each answer which server it is from and why (X-Paddler-Upstream, X-Paddler-Reason); else clients ask by X-Paddler-Explain: 1."
    )

    static let trustedProxies = Setting(
        several: "trusted-proxies",
        "range",
        """
        A proxy in front of the balancer, an address or a range such as 10.0.0.0/8, whose X-Forwarded-For and the like are \
        believed and continued; those of others are replaced. Give it again for another. Without any: this machine.
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
