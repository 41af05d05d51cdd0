import Agent
import LlamaServer
import LogLines
import ProgramLife

extension AgentConfiguration {
    init(_ given: GivenSettings) throws(SettingMistake) {
        let local = try given.addresses(
            GivenSettings.Address(host: .localHost, port: .localPort, both: .localAddress),
            or: NetworkAddress(host: "127.0.0.1", port: 8088)
        )[0]
        self.init(
            local: local,
            external: try given.addresses(
                GivenSettings.Address(host: .externalHost, port: .externalPort, both: .externalAddress),
                or: local
            )[0],
            management: try given.addresses(
                GivenSettings.Address(host: .managementHost, port: .managementPort, both: .managementAddress),
                or: NetworkAddress(host: "127.0.0.1", port: 8085)
            ),
            name: try given.value(.name, SettingText.text),
            apiKey: try Self.apiKey(given),
            version: Version.current
        )
        localUsesTLS = try given.value(.localScheme, SettingText.isSecure) ?? false
        externalUsesTLS = try given.value(.externalScheme, SettingText.isSecure) ?? false
        managementUsesTLS = try given.value(.managementScheme, SettingText.isSecure) ?? false
        pathPrefix = try given.value(.pathPrefix, SettingText.pathPrefix)
        upstreamAPIKey = try given.value(.upstreamAPIKey, SettingText.secret)
        weight = try given.value(.weight, SettingText.weight) ?? weight
        stuckAfter = try given.value(.stuckAfter, SettingText.duration) ?? stuckAfter
        drainTimeout = try given.value(.drainTimeout, SettingText.duration) ?? drainTimeout
        monitoringInterval = try given.value(.monitoringInterval, Self.interval) ?? monitoringInterval
        dialect = try given.value(.dialect, Self.dialect) ?? dialect
        guard dialect == .current || pathPrefix == nil else {
            throw SettingMistake(
                "balancers of Paddler \(dialect.rawValue) know no path prefixes: use a balancer of this version, or start "
                    + "llama-server without --api-prefix"
            )
        }
        let (token, file) = try given.either(.managementToken, .managementTokenFile)
        if token != nil { managementToken = try given.value(.managementToken, SettingText.secret) }
        if file != nil { managementTokenFile = try given.value(.managementTokenFile, SettingText.text) }
    }

    private static func apiKey(_ given: GivenSettings) throws(SettingMistake) -> String? {
        if let key = try given.value(.apiKey, SettingText.secret) { return key }
        return try given.value(.llamaCppAPIKey, SettingText.secret)
    }

    private static func interval(_ text: String) throws(SettingMistake) -> Duration {
        let duration = try SettingText.duration(text)
        guard duration >= .milliseconds(100) else { throw SettingMistake("must be at least 100ms") }
        return duration
    }

    private static func dialect(_ text: String) throws(SettingMistake) -> AgentDialect {
        let dialect: AgentDialect = try SettingText.choice(text)
        guard dialect != .version1 else {
            throw SettingMistake(
                "this program doesn't speak the dialect of 1.x: use paddler agent, or --dialect 0.10 with balancers of "
                    + "this version, which take it, too"
            )
        }
        return dialect
    }
}

extension LoggingChoice {
    init(_ given: GivenSettings) throws(SettingMistake) {
        self.init(
            level: try given.value(.logLevel, Self.level) ?? .info,
            format: try given.value(.logFormat, SettingText.choice) ?? .text
        )
    }

    private static func level(_ text: String) throws(SettingMistake) -> LogLevel {
        text == "warn" ? .warning : try SettingText.choice(text)
    }
}
