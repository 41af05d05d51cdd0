import AccessControl
import TransportSecurity

/// What several commands have.
enum SharedSettings {
    static let managementCertificate = Setting<String?>(
        "management-cert",
        "file",
        "A certificate to show a balancer that asks for one (its --management-client-ca), a PEM file, with https.",
        reading: SettingText.text
    )
    static let managementKey = Setting<String?>(
        "management-key",
        "file",
        "The key of --management-cert, a PEM file without a passphrase.",
        reading: SettingText.text
    )

    /// - Parameter usesTLS: whether balancers are spoken to by TLS.
    static func certificate(_ settings: Settings, usesTLS: Bool) throws(FlagValueError) -> CertificateFiles? {
        let chain = try settings.found(managementCertificate)
        let key = try settings.found(managementKey)
        switch (chain.value, key.value) {
        case (nil, nil): return nil
        case (nil, _?): throw FlagValueError("--management-key needs --management-cert, whose key it is")
        case (_?, nil): throw FlagValueError("--management-cert needs its --management-key")
        case (let chainPath?, let keyPath?):
            guard usesTLS else {
                throw FlagValueError("--management-cert is shown by TLS alone: set --management-scheme https, too")
            }
            return CertificateFiles(
                chain: OperatorFile(path: chainPath, flag: chain.label ?? managementCertificate.description.flag),
                key: OperatorFile(path: keyPath, flag: key.label ?? managementKey.description.flag)
            )
        }
    }

    static let logLevel = Setting(
        choice: "log-level",
        "level",
        "The least important lines to write.",
        default: LogLevel.info,
        synonyms: ["warn": .warning]
    )
    static let logFormat = Setting(
        choice: "log-format",
        "format",
        "One line of text or one JSON object for each event.",
        default: LogFormat.text
    )

    static let logging: [any AnySetting] = [logLevel, logFormat]
}
