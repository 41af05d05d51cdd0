import Configuration
import Yams

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// A YAML file of settings: one mapping from flags' names, without their dashes, to values.
///
/// ```yaml
/// reverseproxy-addr: 0.0.0.0:8086
/// statsd-enable: true
/// api-key: [first, second]
/// ```
///
/// Where there may be models, `models:` may list them (``ModelsText``).
struct ConfigurationFile {
    /// As the user gave it: it stands in front of every complaint.
    let path: String

    /// Far more than all settings need; a file beyond is a mistake.
    private static let mostBytes = 1 << 20

    func contents(
        for settings: [SettingDescription]
    ) throws(FlagValueError) -> (layer: SettingLayer, models: [ModelEntry]) {
        let bytes = try bytes()
        let mapping = try mapping(in: String(decoding: bytes, as: UTF8.self))
        let key = Node(ModelSettings.folder.description.name)
        guard settings.contains(where: { $0.name == key.string }), let list = mapping[key], list.scalar == nil else {
            return (try layer(for: settings, mapping, bytes), [])
        }
        let models: [ModelEntry]
        do throws(FlagValueError) {
            models = try ModelsText.models(in: list)
        } catch {
            throw FlagValueError("\(path): \(error.description)")
        }
        var rest = mapping
        rest[key] = nil
        guard let text = try? Yams.serialize(node: .mapping(rest)) else {
            throw FlagValueError("\(path): this is not YAML")
        }
        return (try layer(for: settings, rest, Array(text.utf8)), models)
    }

    /// - Parameter bytes: the mapping as a file.
    private func layer(
        for settings: [SettingDescription],
        _ mapping: Node.Mapping,
        _ bytes: [UInt8]
    ) throws(FlagValueError) -> SettingLayer {
        try check(mapping, against: settings)
        guard !mapping.isEmpty else { return SettingLayer(.file(path), [:]) }
        do {
            let snapshot = try YAMLSnapshot(
                data: bytes.span.bytes,
                providerName: path,
                parsingOptions: .init(secretsSpecifier: .specific(Set(settings.lazy.filter(\.isSecret).map(\.name))))
            )
            var texts: [String: [String]] = [:]
            for setting in settings where mapping[setting.name]?.isNothing == false {
                let isScalar = mapping[setting.name]?.scalar != nil
                // A list of one needs no brackets.
                let key = AbsoluteConfigKey([setting.name])
                texts[setting.name] =
                    setting.takes == .several && isScalar
                    ? try snapshot.value(forKey: key, type: .string).value.flatMap(\.text).map { [$0] }
                    : try snapshot.texts(of: setting, key: key)
            }
            return SettingLayer(.file(path), texts)
        } catch {
            throw FlagValueError("\(path): \(String(describing: error).replacing("\n", with: " "))")
        }
    }

    private func bytes() throws(FlagValueError) -> [UInt8] {
        let bytes: [UInt8]
        do {
            bytes = try Array(Data(contentsOf: URL(fileURLWithPath: path)))
        } catch let error as CocoaError where error.code == .fileReadNoSuchFile {
            throw FlagValueError("\(path): there is no such file (see --config)")
        } catch let error as CocoaError where error.code == .fileReadNoPermission {
            throw FlagValueError("\(path): this user may not read the file (see --config)")
        } catch {
            throw FlagValueError("\(path): the file cannot be read (see --config)")
        }
        guard bytes.count <= Self.mostBytes else {
            throw FlagValueError("\(path): the file is larger than \(ByteCountFlag(bytes: Self.mostBytes))")
        }
        return bytes
    }

    private func mapping(in yaml: String) throws(FlagValueError) -> Node.Mapping {
        do throws(FlagValueError) {
            try YAMLReferences.refuse(in: yaml)
        } catch {
            throw FlagValueError("\(path): \(error.description)")
        }
        let root: Node?
        do {
            root = try Yams.compose(yaml: yaml)
        } catch let error as YamlError {
            throw FlagValueError("\(path): \(error.inWords)")
        } catch {
            throw FlagValueError("\(path): this is not YAML")
        }
        // Nothing but comments.
        guard let root, !root.isNothing else { return Node.Mapping([]) }
        guard let mapping = root.mapping else {
            throw FlagValueError("\(path): there must be lines like \"threads: 4\"")
        }
        return mapping
    }

    private func check(_ mapping: Node.Mapping, against settings: [SettingDescription]) throws(FlagValueError) {
        for (key, value) in mapping {
            guard let name = key.string else {
                throw FlagValueError("\(path): a key must be a flag's name without its dashes")
            }
            guard let setting = settings.first(where: { $0.name == name }) else {
                let nearest = NearestName.of(name, among: settings.map(\.name))
                let hint = nearest.map { "; did you mean \($0)?" } ?? "; keys are the names of flags"
                throw FlagValueError("\(path): \(name): there is no such setting\(hint)")
            }
            try check(value, of: setting)
        }
    }

    private func check(_ value: Node, of setting: SettingDescription) throws(FlagValueError) {
        switch value {
        case .scalar: return
        case .sequence(let sequence):
            guard setting.takes == .several else {
                throw FlagValueError("\(path): \(setting.name): takes one value, not a list")
            }
            guard sequence.allSatisfy({ $0.scalar != nil }) else {
                throw FlagValueError("\(path): \(setting.name): takes a list of plain values")
            }
        case .mapping, .alias:
            throw FlagValueError("\(path): \(setting.name): takes a plain value")
        }
    }
}

extension ConfigValue {
    fileprivate var text: String? {
        guard case .string(let text) = content else { return nil }
        return text
    }
}
