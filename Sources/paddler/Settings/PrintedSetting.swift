/// A setting as `--print-config` shows it.
struct PrintedSetting: Equatable {
    let name: String
    let value: String
    let origin: String
    let isGiven: Bool

    init<Value>(_ description: SettingDescription, _ found: Settings.Found<Value>, show: (Value) -> String) {
        name = description.name
        let isHidden = description.isSecret && found.label != nil
        value = isHidden ? "(hidden)" : show(found.value)
        origin = found.label ?? "default"
        isGiven = found.label != nil
    }

    /// Three columns.
    static func table(_ settings: [PrintedSetting]) -> String {
        let name = settings.map(\.name.count).max() ?? 0
        let value = settings.map(\.value.count).max() ?? 0
        return settings.map { setting in
            "\(padded(setting.name, to: name))  \(padded(setting.value, to: value))  \(setting.origin)"
        }.joined(separator: "\n")
    }

    private static func padded(_ text: String, to width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }
}
