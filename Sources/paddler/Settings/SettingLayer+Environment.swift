import Configuration

extension SettingLayer {
    /// The variables `PADDLER_...` of a process's environment. One that is empty counts as not given: that is how
    /// variables are switched off where they can't be removed. So does one that describes a service (``ServiceLink``).
    init(environment: [String: String], settings: [SettingDescription]) {
        let secret = Set(settings.lazy.filter(\.isSecret).map(\.variable))
        let provider = EnvironmentVariablesProvider(
            environmentVariables: environment.filter {
                $0.key.hasPrefix("PADDLER_") && !$0.value.isEmpty && !ServiceLink.isMeant(by: $0.value)
            },
            secretsSpecifier: .specific(secret)
        )
        var texts: [String: [String]] = [:]
        for setting in settings {
            let key = AbsoluteConfigKey(["paddler", setting.name])
            // Texts and lists of texts can be read from every variable.
            texts[setting.name] = (try? provider.texts(of: setting, key: key)) ?? nil
        }
        self.init(.environment, texts)
    }
}

extension ConfigProvider {
    fileprivate func texts(of setting: SettingDescription, key: AbsoluteConfigKey) throws -> [String]? {
        try snapshot().texts(of: setting, key: key)
    }
}

extension ConfigSnapshot {
    /// - Throws: when something else than what the setting takes is there.
    func texts(of setting: SettingDescription, key: AbsoluteConfigKey) throws -> [String]? {
        switch setting.takes {
        case .one, .onOff: try text(key: key).map { [$0] }
        case .several: try list(key: key)
        }
    }

    private func text(key: AbsoluteConfigKey) throws -> String? {
        guard case .string(let text) = try value(forKey: key, type: .string).value?.content else { return nil }
        return text
    }

    private func list(key: AbsoluteConfigKey) throws -> [String]? {
        guard case .stringArray(let list) = try value(forKey: key, type: .stringArray).value?.content else {
            return nil
        }
        return list.isEmpty ? nil : list
    }
}
