import Foundation
import LlamaServer

/// What was given: by flags before the environment.
struct GivenSettings {
    /// What comes first counts.
    private let layers: [Layer]

    private struct Layer {
        let texts: [AgentSetting: [String]]
        let label: @Sendable (AgentSetting) -> String
    }

    /// A variable that is empty counts as not given.
    init(flags: [GivenText], environment: [String: String]) {
        let variables = AgentSetting.allCases.compactMap { setting -> (AgentSetting, [String])? in
            guard let text = environment[setting.variable], !text.isEmpty, !Self.isServiceLink(text) else { return nil }
            guard setting == .managementAddress else { return (setting, [text]) }
            return (setting, text.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) })
        }
        layers = [
            Layer(texts: Dictionary(grouping: flags, by: \.setting).mapValues { $0.map(\.text) }, label: \.flag),
            Layer(texts: Dictionary(uniqueKeysWithValues: variables), label: \.variable),
        ]
    }

    /// What container platforms put into the environment to describe a service looks like a setting.
    static func isServiceLink(_ text: String) -> Bool {
        ["tcp://", "udp://", "sctp://"].contains { text.hasPrefix($0) }
    }

    /// For the log, without secrets.
    var shown: String {
        AgentSetting.allCases.compactMap { setting in
            layers.lazy.compactMap { $0.texts[setting] }.first.map { texts in
                "\(setting.rawValue)=\(setting.isSecret ? "(hidden)" : texts.joined(separator: ","))"
            }
        }
        .joined(separator: ", ")
    }

    /// - Parameter read: what it throws goes on after the name of what was given.
    func value<Value>(
        _ setting: AgentSetting,
        _ read: (String) throws(SettingMistake) -> Value
    ) throws(SettingMistake) -> Value? {
        for layer in layers {
            guard let text = layer.texts[setting]?.last else { continue }
            do throws(SettingMistake) {
                return try read(text)
            } catch {
                throw SettingMistake("\(layer.label(setting)): \(error)")
            }
        }
        return nil
    }

    /// One of two settings that exclude each other.
    func either(_ first: AgentSetting, _ second: AgentSetting) throws(SettingMistake) -> (String?, String?) {
        for layer in layers {
            switch (layer.texts[first]?.last, layer.texts[second]?.last) {
            case (nil, nil): continue
            case (_?, _?):
                throw SettingMistake(
                    "\(layer.label(first)) and \(layer.label(second)) say the same thing; use one or the other"
                )
            case (let one, let other): return (one, other)
            }
        }
        return (nil, nil)
    }

    /// The settings of one address, or of several.
    struct Address {
        let host: AgentSetting
        let port: AgentSetting
        let both: AgentSetting
    }

    /// - Parameter fallback: of the parts that nobody has given.
    func addresses(_ address: Address, or fallback: NetworkAddress) throws(SettingMistake) -> [NetworkAddress] {
        var host: String?
        var port: Int?
        for layer in layers {
            if let texts = layer.texts[address.both] {
                let both = layer.label(address.both)
                for part in [address.host, address.port] where layer.texts[part] != nil {
                    throw SettingMistake("\(both) and \(layer.label(part)) say the same thing; use one or the other")
                }
                guard host == nil || port == nil else { continue }
                let all = try texts.map { text throws(SettingMistake) in try Self.address(text, label: both) }
                if host == nil, port == nil { return try Self.distinct(all, label: both) }
                host = host ?? all.first?.host
                port = port ?? all.first?.port
            } else {
                // What is overruled isn't read.
                if host == nil { host = try Self.host(in: layer, address.host) }
                if port == nil { port = try Self.port(in: layer, address.port) }
            }
        }
        return [NetworkAddress(host: host ?? fallback.host, port: port ?? fallback.port)]
    }

    private static func address(_ text: String, label: String) throws(SettingMistake) -> NetworkAddress {
        guard !text.hasPrefix("unix:") else {
            throw SettingMistake("\(label): this program reaches no UNIX sockets; let llama-server listen on a port")
        }
        do {
            return try NetworkAddress(parsing: text)
        } catch {
            throw SettingMistake("\(label): \(error)")
        }
    }

    private static func distinct(_ all: [NetworkAddress], label: String) throws(SettingMistake) -> [NetworkAddress] {
        for (index, address) in all.enumerated() where all[..<index].contains(address) {
            throw SettingMistake("\(label): \(address) is given twice")
        }
        return all
    }

    private static func host(in layer: Layer, _ setting: AgentSetting) throws(SettingMistake) -> String? {
        guard let text = layer.texts[setting]?.last else { return nil }
        let host = text.hasPrefix("[") && text.hasSuffix("]") ? String(text.dropFirst().dropLast()) : text
        guard (try? NetworkAddress(parsing: host.contains(":") ? "[\(host)]:1" : "\(host):1")) != nil else {
            throw SettingMistake("\(layer.label(setting)): \"\(text)\" is not a name or an IP address")
        }
        return host
    }

    private static func port(in layer: Layer, _ setting: AgentSetting) throws(SettingMistake) -> Int? {
        guard let text = layer.texts[setting]?.last else { return nil }
        guard let port = Int(text), 1...65535 ~= port else {
            throw SettingMistake("\(layer.label(setting)): \"\(text)\" is not a port; give one from 1 to 65535")
        }
        return port
    }
}

/// What is wrong with what was given. One line.
struct SettingMistake: Error, Equatable, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = String(
            String.UnicodeScalarView(description.unicodeScalars.map { $0.value < 0x20 ? " " : $0 })
        )
    }
}
