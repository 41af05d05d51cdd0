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
        "The scheme of the balancer; https is TLS.",
        default: Scheme.http,
        isNoneWhenEmpty: true
    )
    static let token = Setting<String?>(
        "management-token",
        "token",
        "The balancer's --management-token.",
        isSecret: true,
        reading: SettingText.secret
    )
    static let caFile = Setting<String?>(
        "ca-file",
        "file",
        "A PEM file of certificates to trust, besides the system's, with https.",
        reading: SettingText.text
    )

    static let all: [any AnySetting] = [
        management, scheme, token, caFile, SharedSettings.managementCertificate, SharedSettings.managementKey,
    ]
}
