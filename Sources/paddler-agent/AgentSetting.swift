import ArgumentParser

/// All that can be set about this agent, by the names of its flags: those of `paddler agent`.
enum AgentSetting: String, CaseIterable, Sendable {
    case localHost = "local-llamacpp-host"
    case localPort = "local-llamacpp-port"
    case localAddress = "local-llamacpp-addr"
    case localScheme = "local-llamacpp-scheme"
    case externalHost = "external-llamacpp-host"
    case externalPort = "external-llamacpp-port"
    case externalAddress = "external-llamacpp-addr"
    case externalScheme = "external-llamacpp-scheme"
    case pathPrefix = "llamacpp-api-prefix"
    case apiKey = "local-llamacpp-api-key"
    /// Paddler 1.x's name.
    case llamaCppAPIKey = "llamacpp-api-key"
    case upstreamAPIKey = "upstream-api-key"
    case monitoringInterval = "monitoring-interval"
    case stuckAfter = "stuck-after"
    case weight
    case managementHost = "management-host"
    case managementPort = "management-port"
    case managementAddress = "management-addr"
    case managementScheme = "management-scheme"
    case managementToken = "management-token"
    case managementTokenFile = "management-token-file"
    case dialect
    case name
    case drainTimeout = "drain-timeout"
    case logLevel = "log-level"
    case logFormat = "log-format"

    var flag: String { "--\(rawValue)" }

    var variable: String { "PADDLER_" + rawValue.uppercased().replacing("-", with: "_") }

    /// Whether it is never shown.
    var isSecret: Bool {
        switch self {
        case .apiKey, .llamaCppAPIKey, .upstreamAPIKey, .managementToken: true
        default: false
        }
    }

    var help: ArgumentHelp {
        let (abstract, valueName) = description
        return ArgumentHelp("\(abstract)", valueName: valueName)
    }

    private var description: (abstract: String, valueName: String) {
        switch self {
        case .localHost: ("Where the agent reaches llama-server. (default: 127.0.0.1)", "host")
        case .localPort: ("Its port. (default: 8088)", "port")
        case .localAddress: ("Both in one, as host:port.", "host:port")
        case .localScheme: ("The scheme that the agent uses; https is TLS. (http or https; default: http)", "scheme")
        case .externalHost: ("Where the balancers reach llama-server. (default: as local)", "host")
        case .externalPort: ("Its port for them. (default: as local)", "port")
        case .externalAddress: ("Both in one, as host:port.", "host:port")
        case .externalScheme:
            ("The scheme that the balancers use; https is TLS. (http or https; default: http)", "scheme")
        case .pathPrefix:
            ("The prefix of llama-server's paths (its --api-prefix).", "path")
        case .apiKey:
            ("llama-server's --api-key, for the agent's own requests.", "key")
        case .llamaCppAPIKey: ("The same as --local-llamacpp-api-key.", "key")
        case .upstreamAPIKey:
            ("The key that balancers add to requests to this server; requires a --management-token.", "key")
        case .monitoringInterval:
            (
                "How often the slots are polled while requests run; they are also polled at once when necessary. "
                    + "(default: 5s)", "duration"
            )
        case .stuckAfter:
            (
                "How long busy slots may make no progress before llama-server counts as stuck and gets no new "
                    + "requests; 0 disables it. (default: 10m)", "duration"
            )
        case .weight:
            ("The server's share of requests relative to a server of weight 1. (default: 1)", "n")
        case .managementHost: ("The balancer's management host. (default: 127.0.0.1)", "host")
        case .managementPort: ("Its port. (default: 8085)", "port")
        case .managementAddress:
            ("Both in one, as host:port. May be given several times to report to several balancers.", "host:port")
        case .managementScheme:
            ("The scheme of the balancers; https is TLS. (http or https; default: http)", "scheme")
        case .managementToken: ("The balancers' --management-token.", "token")
        case .managementTokenFile:
            ("A file with that token in its first line that is not a comment (#); read for each connection.", "file")
        case .dialect:
            (
                "The protocol of the balancers: ours, or that of Paddler 0.10. (current or 0.10; default: current)",
                "dialect"
            )
        case .name: ("The server's name in dashboards, logs and metrics.", "name")
        case .drainTimeout:
            (
                "How long running requests get to finish after the agent was told to stop. "
                    + "(default: 30s)", "duration"
            )
        case .logLevel:
            (
                "The lowest level to log. (trace, debug, info, notice, warning, error or critical; default: info)",
                "level"
            )
        case .logFormat: ("Log lines as text or JSON. (text or json; default: text)", "format")
        }
    }
}
