import AccessControl
import Agent
import LogLines
import TransportSecurity

/// What several commands have.
enum SharedSettings {
    static let managementCertificate = Setting<String?>(
        "management-cert",
        "file",
        "A certificate for a balancer that requests one (its --management-client-ca), a PEM file, with https.",
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
        try certificateFiles(settings, usesTLS: usesTLS).map { files in
            CertificateFiles(
                chain: OperatorFile(path: files.chain.path, flag: files.chain.label),
                key: OperatorFile(path: files.key.path, flag: files.key.label)
            )
        }
    }

    /// - Parameter usesTLS: whether balancers are spoken to by TLS.
    static func certificateFiles(
        _ settings: Settings,
        usesTLS: Bool
    ) throws(FlagValueError) -> ManagementCertificateFiles? {
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
            return ManagementCertificateFiles(
                chain: NamedFile(path: chainPath, label: chain.label ?? managementCertificate.description.flag),
                key: NamedFile(path: keyPath, label: key.label ?? managementKey.description.flag)
            )
        }
    }

    static let logLevel = Setting(
        choice: "log-level",
        "level",
        "The lowest level to log.",
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
