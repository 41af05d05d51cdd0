import AccessControl
import Balancer
import LlamaServer
import Scheduling

/// What stands in a `--models-file`: YAML, flat.
///
/// ```yaml
/// aliases:
///   gpt-4o: [qwen-72b, qwen-7b]
/// fallback-after: 10s
/// max-queued:
///   qwen-72b: 20
/// ```
enum ModelsFileText {
    /// More names than anybody gives; of aliases, those that they stand for are counted, too.
    static let mostNames = 10_000
    private static let keys = ["aliases", "fallback-after", "max-queued"]

    static func file(at path: String) -> ModelsFile {
        let file = OperatorFile(path: path, flag: "--models-file")
        return ModelsFile(file) { contents throws(FileFailure) in
            do throws(FlagValueError) {
                return try rules(in: contents)
            } catch {
                throw FileFailure(file: file, reason: error.description)
            }
        }
    }

    static func rules(in contents: [UInt8]) throws(FlagValueError) -> ModelRules {
        guard let text = String(validating: contents, as: UTF8.self) else { throw FlagValueError("it is not UTF-8") }
        var rules = ModelRules()
        guard let root = try YAMLDocument.root(of: text), !root.isNothing else { return rules }
        guard let mapping = root.mapping else {
            throw FlagValueError("\(root.place)there must be lines like \"aliases:\"")
        }
        for (key, value) in mapping.pairs {
            switch key.text {
            case "aliases": rules.aliases = try aliases(value)
            case "fallback-after": rules.fallbackAfter = try fallbackAfter(value)
            case "max-queued": rules.maximumQueued = try maximumQueued(value)
            case let name:
                let nearest = name.flatMap { NearestName.of($0, among: keys) }
                let hint = nearest.map { "did you mean \($0)?" } ?? "there are \(keys.joined(separator: ", "))"
                throw FlagValueError("\(key.place)\(name ?? "a list"): there is no such key; \(hint)")
            }
        }
        try check(rules, mapping)
        return rules
    }

    // MARK: - Values

    private static func aliases(_ value: YAMLNode) throws(FlagValueError) -> [String: [String]] {
        var aliases: [String: [String]] = [:]
        for (key, value) in (try entries(value, of: "aliases")).pairs {
            let alias = try name(key, "aliases")
            let place = "\(value.place)aliases: \(alias): "
            let names: [String]
            switch value.content {
            case .scalar: names = [try name(value, "aliases: \(alias)")]
            case .sequence(let sequence):
                var listed: [String] = []
                for one in sequence { listed.append(try name(one, "aliases: \(alias)")) }
                names = listed
            case .mapping: throw FlagValueError("\(place)takes a name or a list of names")
            }
            guard !names.isEmpty else { throw FlagValueError("\(place)lists nothing") }
            guard Set(names).count == names.count else { throw FlagValueError("\(place)lists a name twice") }
            guard !names.contains(alias) else { throw FlagValueError("\(place)lists itself") }
            aliases[alias] = names
        }
        return aliases
    }

    /// - Returns: nil for `never`.
    private static func fallbackAfter(_ value: YAMLNode) throws(FlagValueError) -> Duration? {
        let place = "\(value.place)fallback-after: "
        guard let text = value.text, !value.isNothing else {
            throw FlagValueError("\(place)takes a duration, or never")
        }
        guard text != "never" else { return nil }
        do throws(FlagValueError) {
            return try DurationFlag(parsing: text).duration
        } catch {
            throw FlagValueError("\(place)\(error.description), or never")
        }
    }

    private static func maximumQueued(_ value: YAMLNode) throws(FlagValueError) -> [String: Int] {
        var limits: [String: Int] = [:]
        for (key, value) in (try entries(value, of: "max-queued")).pairs {
            let model = try name(key, "max-queued")
            let place = "\(value.place)max-queued: \(model): "
            guard let text = value.text, let limit = Int(text) else {
                throw FlagValueError("\(place)takes a whole number")
            }
            guard limit >= 0 else { throw FlagValueError("\(place)must not be less than 0") }
            limits[model] = limit
        }
        return limits
    }

    private static func entries(_ value: YAMLNode, of key: String) throws(FlagValueError) -> YAMLMapping {
        if value.isNothing { return YAMLMapping() }
        guard let mapping = value.mapping else {
            throw FlagValueError("\(value.place)\(key): takes names, each with what is said of it on a line of its own")
        }
        return mapping
    }

    private static func name(_ node: YAMLNode, _ key: String) throws(FlagValueError) -> String {
        guard let text = node.text else { throw FlagValueError("\(node.place)\(key): takes names alone") }
        do throws(FlagValueError) {
            return try SettingText.modelName(text)
        } catch {
            throw FlagValueError("\(node.place)\(key): a name \(error.description)")
        }
    }

    // MARK: - All of it

    private static func check(_ rules: ModelRules, _ mapping: YAMLMapping) throws(FlagValueError) {
        let count = rules.aliases.values.reduce(rules.aliases.count + rules.maximumQueued.count) { $0 + $1.count }
        guard count <= mostNames else {
            throw FlagValueError("there are \(count) names; no more than \(mostNames) may be")
        }
        // In the order of the alphabet, so that of several mistakes the same is named each time.
        for (alias, names) in rules.aliases.sorted(by: { $0.key < $1.key }) {
            guard let other = names.first(where: { rules.aliases[$0] != nil }) else { continue }
            throw FlagValueError(
                "aliases: \(alias): lists \(other), which is an alias itself; it takes models' own names"
            )
        }
        if let alias = rules.maximumQueued.keys.sorted().first(where: { rules.aliases[$0] != nil }) {
            throw FlagValueError("max-queued: \(alias): is an alias; a limit is one of a model's own name")
        }
    }
}
