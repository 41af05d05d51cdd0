import LogLines

/// A command that runs for long, whose settings may come from a file, too.
protocol ServiceCommand: SettingsCommand {
    var configurationFlags: ConfigurationFlags { get }
}

extension ServiceCommand {
    func configurationFile(environment: [String: String]) -> String? {
        let path = configurationFlags.file ?? environment["PADDLER_CONFIG"]
        return path?.isEmpty == false ? path : nil
    }

    /// What `--print-config` asks for; what is ignored goes to standard error.
    func printConfiguration(_ settings: Settings) throws(FlagValueError) {
        for remark in settings.remarks { StandardError.say("warning: \(remark)") }
        print(try printedSettings(settings))
    }

    /// What `--print-config` writes.
    func printedSettings(_ settings: Settings) throws(FlagValueError) -> String {
        PrintedSetting.table(try allPrinted(settings))
    }

    func allPrinted(_ settings: Settings) throws(FlagValueError) -> [PrintedSetting] {
        var all: [PrintedSetting] = []
        for setting in Self.settings { all += try setting.printed(from: settings) }
        let description = ModelSettings.folder.description
        if !settings.models.isEmpty, let file = settings.layers.last,
            let index = all.firstIndex(where: { $0.name == description.name && !$0.isGiven })
        {
            let listed = Settings.Found(value: settings.models.map(\.name), label: file.label(description))
            all[index] = PrintedSetting(description, listed) { $0.joined(separator: ", ") }
        }
        return all
    }
}
