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
        case .localScheme: ("How the agent speaks to it; https is TLS. (http or https; default: http)", "scheme")
        case .externalHost: ("Where the balancers reach llama-server. (default: as local)", "host")
        case .externalPort: ("Its port for them. (default: as local)", "port")
        case .externalAddress: ("Both in one, as host:port.", "host:port")
        case .externalScheme: ("How the balancers speak to it; https is TLS. (http or https; default: http)", "scheme")
        case .pathPrefix:
            ("What llama-server wants in front of each path (its --api-prefix).", "path")
        case .apiKey:
            ("The key with which llama-server was started (its --api-key), for the agent's own questions.", "key")
        case .llamaCppAPIKey: ("The same as --local-llamacpp-api-key.", "key")
        case .upstreamAPIKey:
            ("The key that balancers put on requests to this server. They need a --management-token for that.", "key")
        case .monitoringInterval:
            (
                "How often to look at the slots while something runs, without a reason; with one, it is done at once. "
                    + "(default: 5s)", "duration"
            )
        case .stuckAfter:
            (
                "How long busy slots may make no progress until llama-server counts as stuck and gets nothing new; 0 "
                    + "never. (default: 10m)", "duration"
            )
        case .weight:
            ("How many times as many requests this server may have at one time as one of weight 1. (default: 1)", "n")
        case .managementHost: ("The balancer's management host. (default: 127.0.0.1)", "host")
        case .managementPort: ("Its port. (default: 8085)", "port")
        case .managementAddress:
            ("Both in one, as host:port. Give it several times to report to several balancers.", "host:port")
        case .managementScheme:
            ("How the balancers are spoken to; https is TLS. (http or https; default: http)", "scheme")
        case .managementToken: ("What the balancers ask of agents (their --management-token).", "token")
        case .managementTokenFile:
            ("A file whose first line that is no comment (#) is that token; read for each connection.", "file")
        case .dialect:
            (
                "How balancers are spoken to: ours, or as Paddler 0.10 expects it. (current or 0.10; default: current)",
                "dialect"
            )
        case .name: ("What this server is called in dashboards, logs and metrics.", "name")
        case .drainTimeout:
            (
                "How long running requests get to end, after the agent was told to stop and before it leaves. "
                    + "(default: 30s)", "duration"
            )
        case .logLevel:
            (
                "The least important lines to write. (trace, debug, info, notice, warning, error or critical; default: info)",
                "level"
            )
        case .logFormat: ("How they are written. (text or json; default: text)", "format")
        }
    }
}
