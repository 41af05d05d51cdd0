import ArgumentParser

/// Which model is served, and by which llama-server.
struct ServeFlags: SettingFlags {
    @Option(ServeSettings.model, short: "m")
    var model: [GivenText] = []

    @Option(ModelSettings.folder)
    var models: GivenText?

    @Option(ServeSettings.llamaSwap)
    var llamaSwap: GivenText?

    @Option(ModelSettings.memory)
    var memory: GivenText?

    @Option(ModelSettings.llamaServer)
    var llamaServer: GivenText?

    @Option(ModelSettings.loadTimeout)
    var loadTimeout: GivenText?

    @Option(ModelSettings.logFolder)
    var logFolder: GivenText?

    @Option(ServeSettings.opens)
    var opens: GivenText?

    @Option(AgentSettings.name)
    var name: GivenText?

    @Option(AgentSettings.stuckAfter)
    var stuckAfter: GivenText?

    @Option(BalancerSettings.modelsFile)
    var modelsFile: GivenText?

    @Argument(
        parsing: .postTerminator,
        help: ArgumentHelp("After --: further arguments of llama-server.", valueName: "argument")
    )
    var serverArguments: [String] = []
}
