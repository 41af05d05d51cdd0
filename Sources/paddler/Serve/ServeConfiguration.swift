import Agent
import AgentProtocol
import Balancer
import LlamaServer
import ProgramLife

/// What is served on this machine, and how.
struct ServeConfiguration {
    var balancer: BalancerConfiguration
    let served: Served
    /// What is left out of another program's configuration.
    let remarks: [String]
    let opens: Bool
    /// What is known at a moment of this machine's accelerators.
    var accelerators: @Sendable () -> [Accelerator]? = { nil }
    private let name: String?
    private let stuckAfter: Duration

    enum Served {
        /// One model, for as long as all of this lasts.
        case single(SingleModel)
        /// Those that are loaded when requests ask for them.
        case onDemand(ModelHostConfiguration)
    }

    /// - Parameter serverArguments: further ones of llama-server.
    init(_ settings: Settings, serverArguments: [String], environment: [String: String]) throws(FlagValueError) {
        balancer = try BalancerConfiguration(settings)
        if !settings.isGiven(BalancerSettings.dashboard) { balancer.enablesDashboard = true }
        let translated = try settings.value(ServeSettings.llamaSwap).map { path throws(FlagValueError) in
            try LlamaSwapFile.read(path, environment: environment)
        }
        remarks = translated?.leftOut.map(\.description) ?? []
        // Whoever had to show one there has to here.
        if let keys = translated?.apiKeys, balancer.apiKeys.isEmpty, balancer.apiKeyFile == nil,
            balancer.tenantsFile == nil
        {
            balancer.apiKeys = keys
        }
        if translated?.tellsLoading == true, !settings.isGiven(BalancerSettings.loadingState) {
            balancer.tellsLoading = true
        }
        served = try Self.served(settings, translated, serverArguments, environment)
        opens = try settings.value(ServeSettings.opens)
        name = try settings.value(AgentSettings.name)
        stuckAfter = try settings.value(AgentSettings.stuckAfter).duration
    }

    private static func served(
        _ settings: Settings,
        _ translated: LlamaSwapConfiguration?,
        _ serverArguments: [String],
        _ environment: [String: String]
    ) throws(FlagValueError) -> Served {
        let files = try settings.value(ServeSettings.model)
        let folder = try settings.value(ModelSettings.folder)
        if files.count > 1 || folder != nil || !settings.models.isEmpty || translated != nil,
            let models = try ModelHostConfiguration(
                settings,
                files: files,
                translated: translated,
                serverArguments: serverArguments,
                environment: environment
            )
        {
            return .onDemand(models)
        }
        return .single(
            SingleModel(
                server: try ServerArguments(
                    model: files.first,
                    own: serverArguments,
                    environment: ServerEnvironment.inherited(from: environment)
                ),
                llamaServer: try settings.value(ModelSettings.llamaServer),
                loadTimeout: try settings.value(ModelSettings.loadTimeout).duration,
                logFolder: try settings.value(ModelSettings.logFolder)
            )
        )
    }

    /// What is said of all agents; a single one's address and name are its own.
    ///
    /// - Parameters:
    ///   - port: llama-server's.
    ///   - management: where the balancer listens for agents.
    func agent(port: Int, management: NetworkAddress) -> AgentConfiguration {
        let local = NetworkAddress(host: "127.0.0.1", port: port)
        var agent = AgentConfiguration(
            local: local,
            external: local,
            management: [management.fromHere],
            name: name,
            version: Version.current
        )
        if case .single(let model) = served {
            agent.name = name ?? model.server.model.map { _ in model.name }
            agent.apiKey = model.server.access.apiKey
            agent.pathPrefix = model.server.access.pathPrefix
        }
        agent.stuckAfter = stuckAfter
        agent.accelerators = accelerators
        agent.managementToken = balancer.managementTokens.first
        if agent.managementToken == nil { agent.managementTokenFile = balancer.managementTokenFile }
        return agent
    }
}

/// A model that is served alone.
struct SingleModel {
    let server: ServerArguments
    /// nil: the one on the PATH.
    let llamaServer: String?
    let loadTimeout: Duration
    /// Where its log is written; nil: nowhere.
    let logFolder: String?

    /// What it is called.
    var name: String { server.model?.split(separator: "/").last.map(String.init) ?? "the model" }

    var logFile: String? {
        logFolder.map { folder in
            let file = server.model.flatMap { $0.split(separator: "/").last.map(String.init) } ?? "model"
            return ServerLogName.path(of: file.hasSuffix(".gguf") ? String(file.dropLast(5)) : file, in: folder)
        }
    }
}

extension NetworkAddress {
    /// Where this machine reaches a listener: one of all addresses is on the machine's own, too.
    var fromHere: NetworkAddress {
        switch host {
        case "0.0.0.0": NetworkAddress(host: "127.0.0.1", port: port)
        case "::": NetworkAddress(host: "::1", port: port)
        default: self
        }
    }
}
