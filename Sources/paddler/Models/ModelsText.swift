/// What stands under `models:` in a file of settings.
///
/// ```yaml
/// models:
///   - name: qwen-7b
///     model: /srv/models/qwen-7b.gguf
///     arguments: -np 4 -c 32768
///     aliases: [gpt-4o-mini]
///     ttl: 10m
/// ```
enum ModelsText {
    /// More than anybody's disk holds.
    private static let mostModels = 1000
    private static let keys = [
        "name", "model", "command", "arguments", "port", "aliases", "memory", "ttl", "preload", "pinned", "environment",
        "working-directory", "log-file",
    ]

    static func models(in value: YAMLNode) throws(FlagValueError) -> [ModelEntry] {
        guard let sequence = value.sequence else {
            throw FlagValueError(
                "\(value.place)models: takes a list, each model behind a dash, or the path of a folder"
            )
        }
        guard sequence.count <= mostModels else {
            throw FlagValueError("models: there are \(sequence.count); no more than \(mostModels) may be")
        }
        var entries: [ModelEntry] = []
        for node in sequence { entries.append(try entry(node)) }
        return entries
    }

    private static func entry(_ node: YAMLNode) throws(FlagValueError) -> ModelEntry {
        guard let mapping = node.mapping else {
            throw FlagValueError("\(node.place)models: each is described by lines like \"name: qwen-7b\"")
        }
        var fields = Fields(mapping, what: "models")
        let name = try fields.needed("name", as: SettingText.modelName, such: "name: qwen-7b")
        fields.what = "models: \(name)"
        try fields.check(among: keys)
        var entry = ModelEntry(name: name, run: try run(&fields))
        entry.port = try fields.value("port", as: SettingText.port(lowest: 1))
        entry.aliases = try fields.list("aliases", as: SettingText.modelName)
        entry.memory = try fields.value("memory", as: SettingText.size(1...Int.max))
        entry.ttl = try fields.value("ttl", as: SettingText.duration(atLeast: .seconds(1)))
        entry.isPreloaded = try fields.value("preload", as: SettingText.onOff) ?? false
        entry.isPinned = try fields.value("pinned", as: SettingText.onOff) ?? false
        entry.environment = try fields.variables("environment")
        entry.workingDirectory = try fields.value("working-directory", as: SettingText.text)
        entry.logFile = try fields.value("log-file", as: SettingText.text)
        return entry
    }

    private static func run(_ fields: inout Fields) throws(FlagValueError) -> ModelEntry.Run {
        let file = try fields.value("model", as: SettingText.text)
        let command = try fields.words("command")
        let arguments = try fields.words("arguments")
        switch (file, command) {
        case (let file?, nil):
            return .file(file, arguments: arguments ?? [])
        case (nil, let command?):
            guard arguments == nil else {
                throw fields.complaint("arguments are those of llama-server; a command has its own in it")
            }
            guard !command.isEmpty else { throw fields.complaint("the command is empty") }
            let port = try fields.value("port", as: SettingText.text)
            guard port != nil || command.contains(where: { $0.contains("${port}") }) else {
                throw fields.complaint("the command must have ${port} in it, where its server is to listen")
            }
            return .command(command)
        case (nil, nil):
            throw fields.complaint("say which: model: takes a GGUF file, command: any command line with ${port}")
        case (_?, _?):
            throw fields.complaint("model and command exclude each other")
        }
    }

    /// A mapping, read field by field; complaints say where.
    private struct Fields {
        let mapping: YAMLMapping
        /// What they are of.
        var what: String

        init(_ mapping: YAMLMapping, what: String) {
            self.mapping = mapping
            self.what = what
        }

        func complaint(_ words: String, at node: YAMLNode? = nil) -> FlagValueError {
            let place = node?.place ?? mapping.entries.first?.key.place ?? ""
            return FlagValueError("\(place)\(what): \(words)")
        }

        func check(among keys: [String]) throws(FlagValueError) {
            for (key, _) in mapping.pairs {
                let name = key.text
                guard name.map(keys.contains) != true else { continue }
                let nearest = name.flatMap { NearestName.of($0, among: keys) }
                let hint = nearest.map { "did you mean \($0)?" } ?? "there are \(keys.joined(separator: ", "))"
                throw complaint("\(name ?? "a list"): there is no such key; \(hint)", at: key)
            }
        }

        /// nil: it isn't there, or says nothing.
        private func node(_ key: String) -> YAMLNode? {
            guard let node = mapping[key], !node.isNothing else { return nil }
            return node
        }

        func value<Value>(
            _ key: String,
            as read: (String) throws(FlagValueError) -> Value
        ) throws(FlagValueError) -> Value? {
            guard let node = node(key) else { return nil }
            return try scalar(node, key, as: read)
        }

        func needed<Value>(
            _ key: String,
            as read: (String) throws(FlagValueError) -> Value,
            such example: String
        ) throws(FlagValueError) -> Value {
            guard let value = try value(key, as: read) else {
                throw complaint("each needs a \(key), as in \"\(example)\"")
            }
            return value
        }

        /// One, or several.
        func list<Value>(
            _ key: String,
            as read: (String) throws(FlagValueError) -> Value
        ) throws(FlagValueError) -> [Value] {
            guard let node = node(key) else { return [] }
            var values: [Value] = []
            for one in node.sequence ?? [node] { values.append(try scalar(one, key, as: read)) }
            return values
        }

        /// A list of words, or one text that is cut into them as by a shell.
        func words(_ key: String) throws(FlagValueError) -> [String]? {
            guard let node = node(key) else { return nil }
            guard let sequence = node.sequence else { return try scalar(node, key, as: ShellWords.split) }
            var words: [String] = []
            for one in sequence { words.append(try scalar(one, key) { text throws(FlagValueError) -> String in text }) }
            return words
        }

        func variables(_ key: String) throws(FlagValueError) -> [String: String] {
            guard let node = node(key) else { return [:] }
            guard let mapping = node.mapping else {
                throw complaint("\(key): takes variables, each with its value on a line of its own", at: node)
            }
            var variables: [String: String] = [:]
            for (name, value) in mapping.pairs {
                let name = try scalar(name, key) { (text: String) throws(FlagValueError) -> String in
                    guard !text.isEmpty, !text.contains("=") else {
                        throw FlagValueError("\"\(text)\" is no name of a variable")
                    }
                    return text
                }
                variables[name] =
                    value.isNothing
                    ? "" : try scalar(value, "\(key): \(name)") { text throws(FlagValueError) -> String in text }
            }
            return variables
        }

        private func scalar<Value>(
            _ node: YAMLNode,
            _ key: String,
            as read: (String) throws(FlagValueError) -> Value
        ) throws(FlagValueError) -> Value {
            guard let text = node.text else { throw complaint("\(key): takes plain values", at: node) }
            do throws(FlagValueError) {
                return try read(text)
            } catch {
                throw complaint("\(key): \(error.description)", at: node)
            }
        }
    }
}
