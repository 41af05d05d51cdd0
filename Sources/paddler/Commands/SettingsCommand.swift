import ArgumentParser

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// A command whose settings come from flags, the environment and a file.
protocol SettingsCommand: AsyncParsableCommand {
    static var settings: [any AnySetting] { get }
    var given: [GivenText] { get }
    var configurationFlags: ConfigurationFlags { get }

    /// Whether all settings make sense, alone and together.
    func check(_ settings: Settings) throws(FlagValueError)
}

extension SettingsCommand {
    private static var configVariable: String { "PADDLER_CONFIG" }

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
        if let path = configurationFlags.file ?? environment[Self.configVariable], !path.isEmpty {
            layers.append(try ConfigurationFile(path: path).layer(for: descriptions))
        }
        return Settings(layers: layers)
    }

    /// What `--print-config` writes.
    func printedSettings(_ settings: Settings) throws(FlagValueError) -> String {
        var all: [PrintedSetting] = []
        for setting in Self.settings { all += try setting.printed(from: settings) }
        return PrintedSetting.table(all)
    }
}
