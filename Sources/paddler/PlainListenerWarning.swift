import Logging

/// Said at the start when a listener's scheme is something else than `http`: listeners speak plain HTTP whatever it says, as
/// those of Paddler 0.10 did.
struct PlainListenerWarning {
    /// How the schemes were given.
    private let labels: [String]

    init(_ settings: Settings, _ schemes: [Setting<String>]) throws(FlagValueError) {
        var labels: [String] = []
        for scheme in schemes {
            let found = try settings.found(scheme)
            if let label = found.label, found.value.lowercased() != "http" { labels.append(label) }
        }
        self.labels = labels
    }

    func log(to logger: Logger) {
        for label in labels {
            logger.warning(
                "listeners speak plain HTTP whatever their scheme says: put a proxy that speaks TLS in front",
                metadata: ["setting": "\(label)"]
            )
        }
    }
}
