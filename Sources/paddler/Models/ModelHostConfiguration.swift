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
    let llamaServer: String?
    let loadTimeout: Duration

    /// - Parameters:
    ///   - files: of models that were named one by one; the first is loaded at the start.
    ///   - serverArguments: of each llama-server, behind its own.
    /// - Returns: nil: there are no models.
    /// - Throws: what is wrong with them, which no file of a model is looked at for.
    init?(
        _ settings: Settings,
        files: [String] = [],
        serverArguments: [String] = [],
        environment: [String: String]
    ) throws(FlagValueError) {
        memoryBytes = try settings.value(ModelSettings.memory)?.bytes ?? MachineMemory.bytes
        llamaServer = try settings.value(ModelSettings.llamaServer)
        loadTimeout = try settings.value(ModelSettings.loadTimeout).duration
        var entries = settings.models
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
        try Self.checkNames(entries)
        let inherited = ServerEnvironment.inherited(from: environment)
        var commands: [ModelCommand] = []
        for entry in entries {
            commands.append(try ModelCommand(entry, serverArguments: serverArguments, inherited: inherited))
        }
        self.commands = commands
    }

    private static func checkNames(_ entries: [ModelEntry]) throws(FlagValueError) {
        var known: Set<String> = []
        for name in entries.flatMap(\.names) where !known.insert(name).inserted {
            throw FlagValueError("the model \(name): there are two of that name; call one of them otherwise")
        }
    }

    /// What is to be run, as it lies on this machine at this moment.
    ///
    /// - Parameter host: where the servers listen.
    /// - Throws: when something is missing.
    func models(
        listeningOn host: String,
        environment: [String: String]
    ) throws(ServeFailure) -> [(model: SupervisedModel, port: Int)] {
        let searched = environment["PATH"]
        var program: String?
        if commands.contains(where: \.needsLlamaServer) {
            program = try ServerProgram.find(named: llamaServer, on: searched)
        }
        let ports = FreePort.find(commands.count)
        guard ports.count == commands.count else { throw .noPort }
        var models: [(SupervisedModel, Int)] = []
        for (command, port) in zip(commands, ports) {
            let entry = command.entry
            let launch = try command.launch(llamaServer: program, searched: searched, host: host, port: port)
            let rules = ModelRules(
                memory: entry.memory.map { .said($0.bytes) } ?? .estimated(command.estimatedBytes ?? 0),
                ttl: entry.ttl?.duration,
                isPreloaded: entry.isPreloaded,
                isPinned: entry.isPinned
            )
            models.append((SupervisedModel(name: entry.name, launch: launch, rules: rules), port))
        }
        return models
    }
}
