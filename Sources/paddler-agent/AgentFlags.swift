import ArgumentParser

/// Which llama-server the agent watches, and how.
struct LlamaServerFlags: AgentFlags {
    @Option(.localHost) var localHost: GivenText?
    @Option(.localPort) var localPort: GivenText?
    @Option(.localAddress) var localAddress: GivenText?
    @Option(.localScheme) var localScheme: GivenText?
    @Option(.externalHost) var externalHost: GivenText?
    @Option(.externalPort) var externalPort: GivenText?
    @Option(.externalAddress) var externalAddress: GivenText?
    @Option(.externalScheme) var externalScheme: GivenText?
    @Option(.pathPrefix) var pathPrefix: GivenText?
    @Option(.apiKey) var apiKey: GivenText?
    @Option(.llamaCppAPIKey) var llamaCppAPIKey: GivenText?
    @Option(.upstreamAPIKey) var upstreamAPIKey: GivenText?
    @Option(.monitoringInterval) var monitoringInterval: GivenText?
    @Option(.stuckAfter) var stuckAfter: GivenText?
    @Option(.weight) var weight: GivenText?
}

/// To whom the agent reports, and as what.
struct BalancerFlags: AgentFlags {
    @Option(.managementHost) var managementHost: GivenText?
    @Option(.managementPort) var managementPort: GivenText?
    @Option(.managementAddress) var managementAddresses: [GivenText] = []
    @Option(.managementScheme) var managementScheme: GivenText?
    @Option(.managementToken) var managementToken: GivenText?
    @Option(.managementTokenFile) var managementTokenFile: GivenText?
    @Option(.dialect) var dialect: GivenText?
    @Option(.name) var name: GivenText?
}

/// How the agent ends, and what it logs.
struct LifeFlags: AgentFlags {
    @Option(.drainTimeout) var drainTimeout: GivenText?
    @Option(.logLevel) var logLevel: GivenText?
    @Option(.logFormat) var logFormat: GivenText?
}

/// A text that stood after a flag. It may be a secret, and ArgumentParser would write it into the help as a default:
/// neither its description nor its reflection shows it.
struct GivenText: Sendable, CustomStringConvertible, CustomReflectable {
    let setting: AgentSetting
    let text: String

    var description: String { "" }
    var customMirror: Mirror { Mirror(self, children: ["setting": setting]) }
}

protocol AgentFlags: ParsableArguments {}

extension AgentFlags {
    /// What was given. By reflection, so that a flag which is declared can't be forgotten here.
    var given: [GivenText] {
        Mirror(reflecting: self).children.flatMap { child -> [GivenText] in
            switch child.value {
            case let one as Option<GivenText?>: one.wrappedValue.map { [$0] } ?? []
            case let several as Option<[GivenText]>: several.wrappedValue
            default: []
            }
        }
    }
}

extension Option where Value == GivenText? {
    fileprivate init(_ setting: AgentSetting) {
        self.init(
            name: .customLong(setting.rawValue),
            help: setting.help,
            transform: { GivenText(setting: setting, text: $0) }
        )
    }
}

extension Option where Value == [GivenText] {
    fileprivate init(wrappedValue: [GivenText], _ setting: AgentSetting) {
        self.init(
            wrappedValue: wrappedValue,
            name: .customLong(setting.rawValue),
            help: setting.help,
            transform: { GivenText(setting: setting, text: $0) }
        )
    }
}
