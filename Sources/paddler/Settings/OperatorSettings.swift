import LlamaServer

/// Which balancer a command of an operator speaks to.
enum OperatorSettings {
    static let management = AddressSetting(
        "management",
        "The balancer's management host.",
        or: .address(NetworkAddress(host: "127.0.0.1", port: 8085))
    )
    static let scheme = Setting(
        choice: "management-scheme",
        "scheme",
        "How the balancer is spoken to; https is TLS.",
        default: Scheme.http,
        isNoneWhenEmpty: true
    )
    static let token = Setting<String?>(
        "management-token",
        "token",
        "What the balancer asks of operators (its --management-token).",
        isSecret: true,
        reading: SettingText.secret
    )
    static let caFile = Setting<String?>(
        "ca-file",
        "file",
        "A PEM file of certificates to trust, beside the system's, with https.",
        reading: SettingText.text
    )

    static let all: [any AnySetting] = [
        management, scheme, token, caFile, SharedSettings.managementCertificate, SharedSettings.managementKey,
    ]
}
