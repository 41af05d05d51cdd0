import LlamaServer

/// A setting of any kind of value: what a command's table is made of.
protocol AnySetting: Sendable {
    /// Each of its flags, old ones too.
    var descriptions: [SettingDescription] { get }

    /// Whether this place says all there is to say of it.
    func isGiven(in layer: SettingLayer) -> Bool

    func printed(from settings: Settings) throws(FlagValueError) -> [PrintedSetting]
}

extension Setting: AnySetting {
    var descriptions: [SettingDescription] { [description] + oldNames.map(\.description) }

    func isGiven(in layer: SettingLayer) -> Bool {
        descriptions.contains { layer.texts[$0.name] != nil }
    }

    func printed(from settings: Settings) throws(FlagValueError) -> [PrintedSetting] {
        [PrintedSetting(description, try settings.found(self), show: show)]
    }
}

extension AddressSetting: AnySetting {
    var descriptions: [SettingDescription] { [host.description, port.description, addresses.description] }

    /// A host alone leaves the port to other places; these have no other parts that could look like a service's.
    func isGiven(in layer: SettingLayer) -> Bool {
        [port.description, addresses.description].contains { layer.texts[$0.name] != nil }
    }

    func printed(from settings: Settings) throws(FlagValueError) -> [PrintedSetting] {
        let found = try settings.addresses(self)
        if let several = found.several {
            return [PrintedSetting(addresses.description, several, show: addresses.show)]
        }
        if found.first.socketPath != nil {
            return [PrintedSetting(addresses.description, found.host.map { _ in [found.first] }, show: addresses.show)]
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
