import LlamaServer

/// A setting of any kind of value: what a command's table is made of.
protocol AnySetting: Sendable {
    /// Each of its flags, old ones too.
    var descriptions: [SettingDescription] { get }

    func printed(from settings: Settings) throws(FlagValueError) -> [PrintedSetting]
}

extension Setting: AnySetting {
    var descriptions: [SettingDescription] { [description] + oldNames.map(\.description) }

    func printed(from settings: Settings) throws(FlagValueError) -> [PrintedSetting] {
        [PrintedSetting(description, try settings.found(self), show: show)]
    }
}

extension AddressSetting: AnySetting {
    var descriptions: [SettingDescription] { [host.description, port.description, addresses.description] }

    func printed(from settings: Settings) throws(FlagValueError) -> [PrintedSetting] {
        let found = try settings.addresses(self)
        if let several = found.several {
            return [PrintedSetting(addresses.description, several, show: addresses.show)]
        }
        if case .off = fallback, !found.isGiven {
            return [
                PrintedSetting(host.description, found.host) { _ in "(none)" },
                PrintedSetting(port.description, found.port) { _ in "(none)" },
            ]
        }
        return [
            PrintedSetting(host.description, found.host) { $0 },
            PrintedSetting(port.description, found.port) { "\($0)" },
        ]
    }
}
