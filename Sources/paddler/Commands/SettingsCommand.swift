import ArgumentParser

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// A command whose settings come from flags and the environment.
protocol SettingsCommand: AsyncParsableCommand {
    static var settings: [any AnySetting] { get }
    var given: [GivenText] { get }

    /// The file of further settings; nil: none.
    func configurationFile(environment: [String: String]) -> String?

    /// Whether all settings make sense, alone and together.
    func check(_ settings: Settings) throws(FlagValueError)
}

extension SettingsCommand {
    func configurationFile(environment: [String: String]) -> String? { nil }

    /// What any command reads: two that run in the same environment share it.
    private static var knownVariables: Set<String> {
        let settings: [any AnySetting] =
            AgentSettings.all + BalancerSettings.all + OperatorSettings.all + ServeSettings.all
        return Set(settings.flatMap(\.descriptions).map(\.variable)).union(["PADDLER_CONFIG"])
    }

    func validate() throws {
        try FlagValueError.asUsageError { () throws(FlagValueError) in try check(settings()) }
    }

    /// - Parameter environment: nil: the process's.
    func settings(environment: [String: String]? = nil) throws(FlagValueError) -> Settings {
        let environment = environment ?? ProcessInfo.processInfo.environment
        let descriptions = Self.settings.flatMap(\.descriptions)
        var layers = [
            SettingLayer(flags: given),
            SettingLayer(environment: environment, settings: descriptions),
        ]
        var models: [ModelEntry] = []
        if let path = configurationFile(environment: environment) {
            let file = try ConfigurationFile(path: path).contents(for: descriptions)
            layers.append(file.layer)
            models = file.models
        }
        return Settings(
            layers: layers,
            remarks: EnvironmentRemark.all(
                on: environment,
                of: Self.settings,
                known: Self.knownVariables,
                flags: layers[0]
            ),
            models: models
        )
    }
}
