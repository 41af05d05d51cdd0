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
        guard let text = String(validating: try bytes(), as: UTF8.self) else {
            throw FlagValueError("\(path): the file isn't text in UTF-8: save it so")
        }
        let mapping = try mapping(in: text)
        let key = ModelSettings.folder.description.name
        guard settings.contains(where: { $0.name == key }), let list = mapping[key], list.text == nil else {
            return (try layer(for: settings, mapping), [])
        }
        let models: [ModelEntry]
        do throws(FlagValueError) {
            models = try ModelsText.models(in: list)
        } catch {
            throw FlagValueError("\(path): \(error.description)")
        }
        var rest = mapping
        rest.entries.removeAll { $0.key.text == key }
        return (try layer(for: settings, rest), models)
    }

    private func layer(
        for settings: [SettingDescription],
        _ mapping: YAMLMapping
    ) throws(FlagValueError) -> SettingLayer {
        try check(mapping, against: settings)
        var texts: [String: [String]] = [:]
        for setting in settings {
            guard let value = mapping[setting.name], !value.isNothing else { continue }
            // A list of one needs no brackets, and one of none says nothing.
            let list = value.sequence?.compactMap(\.text) ?? value.text.map { [$0] } ?? []
            if !list.isEmpty { texts[setting.name] = list }
        }
        return SettingLayer(.file(path), texts)
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

    private func mapping(in yaml: String) throws(FlagValueError) -> YAMLMapping {
        let root: YAMLNode?
        do throws(FlagValueError) {
            root = try YAMLDocument.root(of: yaml)
        } catch {
            throw FlagValueError("\(path): \(error.description)")
        }
        // Nothing but comments.
        guard let root, !root.isNothing else { return YAMLMapping() }
        guard let mapping = root.mapping else {
            throw FlagValueError("\(path): there must be lines like \"threads: 4\"")
        }
        return mapping
    }

    private func check(_ mapping: YAMLMapping, against settings: [SettingDescription]) throws(FlagValueError) {
        for (key, value) in mapping.pairs {
            guard let name = key.text else {
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

    private func check(_ value: YAMLNode, of setting: SettingDescription) throws(FlagValueError) {
        switch value.content {
        case .scalar: return
        case .sequence(let sequence):
            guard setting.takes == .several else {
                throw FlagValueError("\(path): \(setting.name): takes one value, not a list")
            }
            guard sequence.allSatisfy({ $0.text != nil }) else {
                throw FlagValueError("\(path): \(setting.name): takes a list of plain values")
            }
        case .mapping:
            throw FlagValueError("\(path): \(setting.name): takes a plain value")
        }
    }
}
