import Supervision

/// How the server of a model is started, where its entry can be used.
struct ModelCommand {
    let entry: ModelEntry
    /// What those who speak to it have to know.
    let access: ServerAccess
    private let line: Line
    private let environment: [String: String]

    private enum Line {
        case llamaServer(ServerArguments)
        case other([String])
    }

    /// - Parameters:
    ///   - serverArguments: of llama-server, behind the entry's own.
    ///   - inherited: this process's variables that the server gets, too.
    init(
        _ entry: ModelEntry,
        serverArguments: [String],
        inherited: [String: String]
    ) throws(FlagValueError) {
        self.entry = entry
        environment = inherited.merging(entry.environment) { $1 }
        do throws(FlagValueError) {
            switch entry.run {
            case .file(let path, let own):
                let arguments = try ServerArguments(
                    model: Self.resolved(path, in: entry),
                    own: own + serverArguments,
                    environment: environment
                )
                line = .llamaServer(arguments)
                access = arguments.access
            case .command(let words):
                line = .other(words)
                access = try ServerAccess(arguments: words, environment: environment)
            }
        } catch {
            throw FlagValueError("the model \(entry.name): \(error.description)")
        }
    }

    var needsLlamaServer: Bool {
        if case .llamaServer = line { true } else { false }
    }

    /// Of the model's file; nil: which that is isn't known.
    var fileBytes: Int? { modelFile.flatMap(ModelFiles.size) }

    private var modelFile: String? {
        switch line {
        case .llamaServer(let arguments): return arguments.model
        case .other(let words):
            guard let flag = words.lastIndex(where: { ["-m", "--model"].contains($0) }), flag + 1 < words.count else {
                return nil
            }
            return Self.resolved(words[flag + 1], in: entry)
        }
    }

    /// - Parameters:
    ///   - llamaServer: its program.
    ///   - searched: the PATH.
    ///   - host: where the server listens, with `port`.
    /// - Throws: when something is missing.
    func launch(
        llamaServer: String?,
        searched: String?,
        host: String,
        port: Int
    ) throws(ServeFailure) -> ServerLaunch {
        switch line {
        case .llamaServer(let arguments):
            guard let llamaServer else { throw .noServer }
            if let model = arguments.model { try ServerProgram.check(model: model) }
            return launch(llamaServer, arguments.all(port: port, host: host, name: entry.name), port: port)
        case .other(let words):
            let words = words.map {
                $0.replacing("${port}", with: "\(port)").replacing("${host}", with: host)
            }
            let named = words[0].contains("/") ? Self.resolved(words[0], in: entry) : words[0]
            guard let program = ServerProgram.find(command: named, on: searched) else {
                throw .programIsMissing(model: entry.name, named)
            }
            return launch(program, Array(words.dropFirst()), port: port)
        }
    }

    private func launch(_ program: String, _ arguments: [String], port: Int) -> ServerLaunch {
        ServerLaunch(
            program: program,
            arguments: arguments,
            environment: environment,
            workingDirectory: entry.workingDirectory,
            port: port
        )
    }

    /// As the server itself finds it.
    private static func resolved(_ path: String, in entry: ModelEntry) -> String {
        guard let folder = entry.workingDirectory, !path.hasPrefix("/") else { return path }
        return "\(folder)/\(path)"
    }
}
