/// A variable of the environment that is ignored and was perhaps meant for us. One line for the operator.
struct EnvironmentRemark: Equatable, Sendable, CustomStringConvertible {
    let description: String

    private static let prefix = "PADDLER_"

    /// - Parameters:
    ///   - known: all variables that any of our commands reads.
    ///   - layers: of the command that runs, so that nothing is said of what is overruled.
    static func all(
        on environment: [String: String],
        of settings: [any AnySetting],
        known: Set<String>,
        flags: SettingLayer
    ) -> [EnvironmentRemark] {
        let links = settings.filter { !$0.isGiven(in: flags) }.flatMap(\.descriptions).map(\.variable)
            .filter { environment[$0].map(ServiceLink.isMeant) ?? false }
            .map { variable in
                EnvironmentRemark(
                    "\(variable) is ignored: it describes a service, as Kubernetes does for one of that name; its pods can "
                        + "go without (enableServiceLinks: false)"
                )
            }
        return links + misspelt(environment, known)
    }

    /// Only names that are nearly ours: others may have variables that begin like ours.
    private static func misspelt(_ environment: [String: String], _ known: Set<String>) -> [EnvironmentRemark] {
        let names = known.sorted().map { String($0.dropFirst(prefix.count)) }
        return environment.keys.sorted()
            .filter { $0.hasPrefix(prefix) && !known.contains($0) && !ServiceLink.isPart($0) }
            .compactMap { variable in
                let name = String(variable.dropFirst(prefix.count))
                let mistakes = max(1, name.utf8.count / 6)
                return NearestName.of(name, among: names, within: mistakes).map { nearest in
                    EnvironmentRemark(
                        "\(variable) is ignored: there is no such setting; did you mean \(prefix)\(nearest)?"
                    )
                }
            }
    }

    private init(_ description: String) {
        self.description = description
    }
}
