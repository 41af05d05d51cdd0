import AgentProtocol
import LlamaServer
import Supervision
import SupervisionRules

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The models that this machine can run, and within which limits.
struct ModelHostConfiguration {
    let commands: [ModelCommand]
    /// What all may take together.
    let memoryBytes: Int
    /// nil: the one on the PATH.
    var llamaServer: String?
    let loadTimeout: Duration
    /// Where it is kept what models take; nil: nowhere.
    let stateFolder: String?
    /// Where models' logs are written that have no file of their own; nil: nowhere.
    let logFolder: String?

    /// - Parameters:
    ///   - files: of models that were named one by one; the first is loaded at the start.
    ///   - translated: another program's.
    ///   - serverArguments: of each llama-server, behind its own.
    /// - Returns: nil: there are no models.
    /// - Throws: what is wrong with them, which no file of a model is looked at for.
    init?(
        _ settings: Settings,
        files: [String] = [],
        translated: LlamaSwapConfiguration? = nil,
        serverArguments: [String] = [],
        environment: [String: String]
    ) throws(FlagValueError) {
        memoryBytes = try settings.value(ModelSettings.memory)?.bytes ?? MachineMemory.bytes
        llamaServer = try settings.value(ModelSettings.llamaServer)
        stateFolder = try settings.value(ModelSettings.stateFolder)
        logFolder = try settings.value(ModelSettings.logFolder)
        let isSaid = settings.isGiven(ModelSettings.loadTimeout)
        let said = try settings.value(ModelSettings.loadTimeout).duration
        loadTimeout = isSaid ? said : translated?.loadTimeout ?? said
        var entries = settings.models + (translated?.models ?? [])
        for (index, file) in files.enumerated() { entries.append(ModelFiles.entry(file, isPreloaded: index == 0)) }
        let folder = try settings.found(ModelSettings.folder)
        if let path = folder.value {
            let listed = Set(entries.map(\.run))
            do throws(FlagValueError) {
                entries += try ModelFiles.models(in: path).filter { !listed.contains($0.run) }
            } catch {
                throw FlagValueError("\(folder.label ?? ""): \(error.description)")
            }
        }
        guard !entries.isEmpty else { return nil }
        try Self.check(entries)
        let inherited = ServerEnvironment.inherited(from: environment)
        var commands: [ModelCommand] = []
        for entry in entries {
            commands.append(try ModelCommand(entry, serverArguments: serverArguments, inherited: inherited))
        }
        self.commands = commands
        try checkLogFiles()
    }

    private static func check(_ entries: [ModelEntry]) throws(FlagValueError) {
        var ports: Set<Int> = []
        for entry in entries {
            guard let port = entry.port, !ports.insert(port).inserted else { continue }
            throw FlagValueError("the model \(entry.name): another one has port \(port), too")
        }
        var known: Set<String> = []
        for name in entries.flatMap(\.names) where !known.insert(name).inserted {
            throw FlagValueError("the model \(name): there are two of that name; call one of them otherwise")
        }
    }

    /// Of two that append to one file, neither could begin a new one.
    private func checkLogFiles() throws(FlagValueError) {
        var files: Set<String> = []
        for entry in commands.map(\.entry) {
            guard let file = logFile(of: entry), !files.insert(file).inserted else { continue }
            throw FlagValueError(
                "the model \(entry.name): another one's log is \(file), too; give it a log-file of its own"
            )
        }
    }

    private func logFile(of entry: ModelEntry) -> String? {
        entry.logFile ?? logFolder.map { ServerLogName.path(of: entry.name, in: $0) }
    }

    /// What is to be run, as it lies on this machine at this moment.
    ///
    /// - Parameters:
    ///   - host: where the servers listen.
    ///   - book: what was learned of the models before; nil: nobody knows.
    /// - Throws: when something is missing.
    func models(
        listeningOn host: String,
        _ book: ModelBook?,
        environment: [String: String]
    ) throws(ServeFailure) -> [(model: SupervisedModel, port: Int)] {
        let searched = environment["PATH"]
        var program: String?
        if commands.contains(where: \.needsLlamaServer) {
            program = try ServerProgram.find(named: llamaServer, on: searched)
        }
        let ports = ports(book)
        var models: [(SupervisedModel, Int)] = []
        for command in commands {
            let entry = command.entry
            guard let port = ports[entry.name] else { throw .noPort }
            let launch = try command.launch(llamaServer: program, searched: searched, host: host, port: port)
            let rules = ModelRules(
                memory: Self.memory(of: command, book),
                ttl: entry.ttl?.duration,
                isPreloaded: entry.isPreloaded,
                isPinned: entry.isPinned
            )
            let model = SupervisedModel(name: entry.name, launch: launch, rules: rules, logFile: logFile(of: entry))
            models.append((model, port))
        }
        return models
    }

    /// By model: as it is said, or was before, so that balancers take it for the same server, or any.
    ///
    /// - Returns: fewer if the system has no more.
    private func ports(_ book: ModelBook?) -> [String: Int] {
        var ports: [String: Int] = [:]
        for entry in commands.map(\.entry) { ports[entry.name] = entry.port }
        for name in commands.map(\.entry.name) where ports[name] == nil {
            guard let port = book?.port(of: name), !ports.values.contains(port), FreePort.isFree(port) else { continue }
            ports[name] = port
        }
        let taken = Set(ports.values)
        var free = FreePort.find(commands.count + taken.count).filter { !taken.contains($0) }
        for name in commands.map(\.entry.name) where ports[name] == nil { ports[name] = free.popLast() }
        book?.note(ports: ports)
        return ports
    }

    /// As it is said, or was measured before, or the size of the file and a tenth.
    private static func memory(of command: ModelCommand, _ book: ModelBook?) -> ModelRules.Memory {
        if let said = command.entry.memory { return .said(said.bytes) }
        let size = command.fileBytes
        let before = book?.bytes(of: command.entry.name, fileBytes: size)
        return .estimated(before ?? size.map { $0 + $0 / 10 } ?? 0)
    }
}
