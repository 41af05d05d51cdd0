import LlamaServer

extension Settings {
    /// One or several addresses as they were found. The parts of a single one may come from different places.
    struct FoundAddresses: Sendable {
        let host: Found<String>
        let port: Found<Int>
        /// All of them, when `-addr` was given more than once.
        let several: Found<[NetworkAddress]>?

        var first: NetworkAddress { NetworkAddress(host: host.value, port: port.value) }
        var all: [NetworkAddress] { several?.value ?? [first] }
        var isGiven: Bool { host.label != nil || port.label != nil }
    }

    /// What is set, or the default.
    func address(_ setting: AddressSetting) throws(FlagValueError) -> NetworkAddress {
        try addresses(setting).first
    }

    func addresses(_ setting: AddressSetting) throws(FlagValueError) -> FoundAddresses {
        var host: Found<String>?
        var port: Found<Int>?
        for layer in layers {
            guard host == nil || port == nil else { break }
            // The part that is known already is overruled here, and isn't read.
            let own = try parts(of: setting, in: layer, wanted: (host: host == nil, port: port == nil))
            // Several addresses go together, or not at all where one part of a single one was given with more right.
            if host == nil, port == nil, let several = own.several, let first = several.value.first {
                return FoundAddresses(
                    host: several.map { _ in first.host },
                    port: several.map { _ in first.port },
                    several: several
                )
            }
            host = host ?? own.host
            port = port ?? own.port
        }
        let fallback = try fallback(of: setting)
        let found = FoundAddresses(
            host: host ?? Found(value: fallback.host, label: nil),
            port: port ?? Found(value: fallback.port, label: nil),
            several: nil
        )
        if setting.allowsSocket { try checkParts(of: found, setting) }
        return found
    }

    /// The parts of an address with a port and a socket make no third one.
    private func checkParts(of found: FoundAddresses, _ setting: AddressSetting) throws(FlagValueError) {
        if found.first.socketPath != nil, let label = found.port.label, found.port.value != 0 {
            throw FlagValueError("\(label): \(found.host.value) is a socket, which has no port")
        }
        if found.first.socketPath == nil, found.port.value == 0, let label = found.host.label {
            throw FlagValueError(
                "\(label): \(found.host.value) needs a port, and llama-server's address here is a socket"
            )
        }
    }

    private func fallback(of setting: AddressSetting) throws(FlagValueError) -> NetworkAddress {
        switch setting.fallback {
        case .address(let address), .off(let address): address
        case .same(let other, _): try address(other)
        }
    }

    /// What one place says of an address.
    private struct Parts {
        var host: Found<String>?
        var port: Found<Int>?
        var several: Found<[NetworkAddress]>?
    }

    private func parts(
        of setting: AddressSetting,
        in layer: SettingLayer,
        wanted: (host: Bool, port: Bool)
    ) throws(FlagValueError) -> Parts {
        let host = wanted.host ? try find(setting.host, in: layer) : nil
        let port = wanted.port ? try find(setting.port, in: layer) : nil
        guard let addresses = try find(setting.addresses, in: layer), let first = addresses.value.first else {
            return Parts(host: host?.notNil(), port: port?.notNil())
        }
        let label = layer.label(setting.addresses.description)
        let parts = [host?.label, port?.label].compactMap { $0 }
        guard parts.isEmpty else {
            throw FlagValueError(
                "\(label) and \(parts.joined(separator: " and ")) say the same thing; use one or the other"
            )
        }
        for (index, address) in addresses.value.enumerated() where addresses.value[..<index].contains(address) {
            throw FlagValueError("\(label): \(address) is given twice")
        }
        return Parts(
            host: addresses.map { _ in first.host },
            port: addresses.map { _ in first.port },
            several: addresses.value.count > 1 ? addresses : nil
        )
    }
}

extension Settings.Found {
    /// A text was read, so that there is a value.
    fileprivate func notNil<Wrapped>() -> Settings.Found<Wrapped>? where Value == Wrapped? {
        value.map { Settings.Found<Wrapped>(value: $0, label: label) }
    }
}
