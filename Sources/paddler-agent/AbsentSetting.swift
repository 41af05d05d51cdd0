import Foundation

/// What `paddler agent` has and this program hasn't. It is refused: whoever asks for it relies on it.
enum AbsentSetting: String, CaseIterable {
    case config
    case models
    case caFile = "ca-file"
    case managementCertificate = "management-cert"
    case managementKey = "management-key"
    case statusServerHost = "status-server-host"
    case statusServerPort = "status-server-port"
    case statusServerAddress = "status-server-addr"
    case agentCheckHost = "agent-check-host"
    case agentCheckPort = "agent-check-port"
    case agentCheckAddress = "agent-check-addr"

    var flag: String { "--\(rawValue)" }

    var variable: String { "PADDLER_" + rawValue.uppercased().replacing("-", with: "_") }

    /// Of the flags before those of the environment.
    static func first(
        in arguments: some Collection<String>,
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) -> (label: String, setting: AbsentSetting, complaint: String)? {
        let flags = arguments.lazy.compactMap { argument in
            allCases.first { argument == $0.flag || argument.hasPrefix("\($0.flag)=") }.map { ($0.flag, $0) }
        }
        let variables = allCases.lazy.compactMap { setting -> (String, AbsentSetting)? in
            guard let text = environment[setting.variable], !text.isEmpty, !GivenSettings.isServiceLink(text) else {
                return nil
            }
            return (setting.variable, setting)
        }
        return (flags.first ?? variables.first).map { ($0.0, $0.1, "\($0.0): \($0.1.reason)") }
    }

    private var reason: String {
        switch self {
        case .config: "this program reads no file of settings: give them as flags, or in the environment"
        case .models: "this program starts no llama-server: start one, and this beside it"
        case .caFile:
            "this program trusts whom the system trusts: put the authority's certificate into the system's store"
        case .managementCertificate, .managementKey:
            "this program can show no certificate: give it a --management-token"
        case .statusServerHost, .statusServerPort, .statusServerAddress:
            "this program listens nowhere: ask a balancer how its server is (GET /api/v1/agents)"
        case .agentCheckHost, .agentCheckPort, .agentCheckAddress:
            "this program listens nowhere: HAProxy can ask llama-server itself (httpchk GET /health)"
        }
    }
}
