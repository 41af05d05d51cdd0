import Logging

/// Said at the start when the scheme of a listener without a certificate is something else than `http`: it speaks plain HTTP
/// whatever that says, as those of Paddler 0.10 did.
struct PlainListenerWarning {
    /// How the schemes were given.
    private let labels: [String]
    private let hint: String

    /// - Parameters:
    ///   - schemes: those of listeners without a certificate.
    ///   - hint: what to do.
    init(
        _ settings: Settings,
        _ schemes: [Setting<String>],
        hint: String = "put a proxy that speaks TLS in front"
    ) throws(FlagValueError) {
        var labels: [String] = []
        for scheme in schemes {
            let found = try settings.found(scheme)
            if let label = found.label, found.value.lowercased() != "http" { labels.append(label) }
        }
        self.labels = labels
        self.hint = hint
    }

    func log(to logger: Logger) {
        for label in labels {
            logger.warning(
                "listeners speak plain HTTP whatever their scheme says: \(hint)",
                metadata: ["setting": "\(label)"]
            )
        }
    }
}
