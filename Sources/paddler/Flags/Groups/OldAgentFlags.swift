import ArgumentParser

/// Names that Paddler 0.10 and 1.x had for the same.
struct OldAgentFlags: SettingFlags {
    @Option(AgentSettings.llamaCppAPIKey)
    var llamaCppAPIKey: GivenText?

    @Option(AgentSettings.agentReportingInterval)
    var agentReportingInterval: GivenText?
}
