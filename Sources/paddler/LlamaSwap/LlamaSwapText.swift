/// The translation of llama-swap's configuration, a file of YAML.
enum LlamaSwapText {
    /// - Parameter environment: of which `${env.NAME}` speaks.
    /// - Throws: what llama-swap wouldn't take either, and models that can't be run.
    static func configuration(
        in text: String,
        environment: [String: String]
    ) throws(FlagValueError) -> LlamaSwapConfiguration {
        var configuration = LlamaSwapConfiguration()
        guard let root = try YAMLDocument.root(of: text), let mapping = root.mapping else {
            throw FlagValueError("there must be lines like \"models:\"")
        }
        let macros = LlamaSwapMacros(texts(mapping["macros"]), environment: environment)
        let ttl = number(mapping["globalTTL"])
        if let seconds = number(mapping["healthCheckTimeout"]) {
            configuration.loadTimeout = .seconds(max(15, seconds))
        }
        configuration.tellsLoading = mapping["sendLoadingState"]?.isTrue == true
        for key in mapping["apiKeys"]?.sequence ?? [] {
            guard let text = key.text else { continue }
            configuration.apiKeys.append(try SettingText.secret(try macros.expand(text)))
        }
        for (key, value) in (mapping["models"]?.mapping ?? YAMLMapping()).pairs {
            guard let id = key.text, let fields = value.mapping else {
                throw FlagValueError("\(key.place)models: each has its name in front and its lines below")
            }
            do throws(FlagValueError) {
                let own = macros.adding(texts(fields["macros"]), model: id)
                if let entry = try entry(id, fields, own, globalTTL: ttl, &configuration) {
                    configuration.models.append(entry)
                }
            } catch {
                throw FlagValueError("\(key.place)models: \(id): \(error.description)")
            }
        }
        preload(mapping["hooks"]?["on_startup"]?["preload"], &configuration)
        let router = mapping["routing"]?["router"]?["settings"]
        pin(mapping["groups"] ?? router?["groups"], &configuration)
        for (key, _) in mapping.pairs {
            guard let name = key.text, !known.contains(name) else { continue }
            configuration.leaveOut(name, reasons[name] ?? "there is nothing like it")
        }
        if router?["matrix"] != nil {
            configuration.leaveOut("routing matrix", "what is loaded together follows from what fits into --memory")
        }
        return configuration
    }

    // MARK: - A model

    /// - Returns: nil: it can't be run here.
    private static func entry(
        _ id: String,
        _ fields: YAMLMapping,
        _ macros: LlamaSwapMacros,
        globalTTL: Int?,
        _ configuration: inout LlamaSwapConfiguration
    ) throws(FlagValueError) -> ModelEntry? {
        guard let text = fields["cmd"]?.text else { throw FlagValueError("it has no cmd") }
        let command = try ShellWords.split(try macros.expand(withoutComments(text)))
        guard !command.isEmpty else { throw FlagValueError("its cmd is empty") }
        var entry = ModelEntry(name: try SettingText.modelName(id), run: .command(command))
        if !command.contains(where: { $0.contains("${port}") }) {
            let proxy = try fields["proxy"]?.text.map { text throws(FlagValueError) in try macros.expand(text) }
            guard let port = proxy.flatMap(port) else {
                configuration.leaveOut(
                    "model",
                    of: id,
                    "its cmd has no ${PORT}, and its proxy is none of http://127.0.0.1:PORT"
                )
                return nil
            }
            entry.port = port
        }
        for alias in fields["aliases"]?.sequence ?? [] {
            guard let name = alias.text else { continue }
            entry.aliases.append(try SettingText.modelName(try macros.expand(name)))
        }
        for variable in fields["env"]?.sequence ?? [] {
            guard let text = variable.text else { continue }
            let parts = try macros.expand(text).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, !parts[0].isEmpty else {
                throw FlagValueError("env: \"\(text)\" isn't NAME=value")
            }
            entry.environment[String(parts[0])] = String(parts[1])
        }
        // -1 is llama-swap's word for the global one.
        let own = number(fields["ttl"]).flatMap { $0 < 0 ? nil : $0 }
        if let seconds = own ?? globalTTL, seconds > 0 { entry.ttl = DurationFlag(.seconds(seconds)) }
        for (key, value) in fields.pairs {
            guard let name = key.text, !knownOfModel.contains(name) else { continue }
            if name == "checkEndpoint", value.text == "/health" { continue }
            configuration.leaveOut(name, of: id, reasonsOfModel[name] ?? "there is nothing like it")
        }
        return entry
    }

    /// In a block of several lines those that begin with # are comments.
    private static func withoutComments(_ text: String) -> String {
        text.split(separator: "\n", omittingEmptySubsequences: false)
            .filter { line in line.drop { $0.isWhitespace }.first != "#" }
            .joined(separator: "\n")
    }

    /// Of this machine's own address; nil: it is another's, or behind a path.
    private static func port(of proxy: String) -> Int? {
        guard let match = proxy.wholeMatch(of: /http:\/\/(localhost|127\.0\.0\.1):(\d{1,5})\/?/),
            let port = Int(match.2), 1...65535 ~= port
        else { return nil }
        return port
    }

    // MARK: - All of them

    private static func preload(_ list: YAMLNode?, _ configuration: inout LlamaSwapConfiguration) {
        let names = Set(list?.sequence?.compactMap { $0.text } ?? [])
        for index in configuration.models.indices where !names.isDisjoint(with: configuration.models[index].names) {
            configuration.models[index].isPreloaded = true
        }
    }

    /// Members of a persistent group are never unloaded for others.
    private static func pin(_ groups: YAMLNode?, _ configuration: inout LlamaSwapConfiguration) {
        var isMore = groups == nil && configuration.models.count > 1
        for group in (groups?.mapping ?? YAMLMapping()).entries.map(\.value) {
            let members = Set(group["members"]?.sequence?.compactMap { $0.text } ?? [])
            if group["persistent"]?.isTrue == true {
                for index in configuration.models.indices where members.contains(configuration.models[index].name) {
                    configuration.models[index].isPinned = true
                }
            } else {
                isMore = true
            }
        }
        guard isMore else { return }
        configuration.leaveOut(
            groups == nil ? "swapping of one model for another" : "groups, but for persistent ones,",
            "models stay loaded together as long as they fit into --memory"
        )
    }

    private static func texts(_ node: YAMLNode?) -> [String: String] {
        var texts: [String: String] = [:]
        for (key, value) in (node?.mapping ?? YAMLMapping()).pairs {
            if let name = key.text, let text = value.text { texts[name] = text }
        }
        return texts
    }

    private static func number(_ node: YAMLNode?) -> Int? {
        node?.text.flatMap { Int($0) }
    }

    // MARK: - What is left out

    private static let known: Set = [
        "macros", "models", "healthCheckTimeout", "globalTTL", "apiKeys", "hooks", "groups", "routing",
        "sendLoadingState",
    ]
    private static let reasons = [
        "startPort": "ports are chosen that are free",
        "logLevel": "see --log-level",
        "logTimeFormat": "see --log-format",
        "logToStdout": "llama-servers' logs are passed on with --log-level debug",
        "includeAliasesInList": "aliases are names like others",
        "unloadTimeout": "a llama-server is killed ten seconds after SIGTERM",
        "metricsMaxInMemory": "the last thousand requests of each thread are kept",
        "store": "see --state-dir",
        "captureBuffer": "bodies of requests aren't kept",
        "peers": "servers of other machines join by their agents",
        "profiles": "see aliases in --models-file",
        "selectors": "see aliases and fallbacks in --models-file",
        "upstream": "what isn't for a model goes to any server",
    ]
    private static let knownOfModel: Set = ["cmd", "proxy", "aliases", "env", "ttl", "macros"]
    private static let reasonsOfModel = [
        "checkEndpoint": "a server is ready when its /health says so",
        "cmdStop": "its processes get SIGTERM, and ten seconds later SIGKILL",
        "unloadTimeout": "a llama-server is killed ten seconds after SIGTERM",
        "concurrencyLimit": "a server gets as many requests as it has slots; the others wait",
        "useModelName": "llama-server takes any name",
        "filters": "requests go on as they are",
        "unlisted": "all models are listed",
        "sendLoadingState": "what holds for all is taken, see --loading-state",
        "timeouts": "see --connect-timeout and its neighbours",
        "name": "models are called by their names alone",
        "description": "models are called by their names alone",
        "metadata": "models are listed as llama-server lists them",
        "capabilities": "servers are asked what they can do",
    ]
}
