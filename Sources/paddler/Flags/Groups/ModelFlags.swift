import ArgumentParser

/// Which models an agent loads and unloads, and within which limits.
struct ModelFlags: SettingFlags {
    @Option(ModelSettings.folder)
    var folder: GivenText?

    @Option(ModelSettings.memory)
    var memory: GivenText?

    @Option(ModelSettings.llamaServer)
    var llamaServer: GivenText?

    @Option(ModelSettings.loadTimeout)
    var loadTimeout: GivenText?

    @Option(ModelSettings.logFolder)
    var logFolder: GivenText?

    @Option(ModelSettings.stateFolder)
    var stateFolder: GivenText?
}
