import AccessControl
import Balancer
import FleetMetrics
import LlamaServer
import Management
import ProgramLife
import RequestRecords
import RequestTracing
import ReverseProxy
import TransportSecurity

extension BalancerConfiguration {
    init(_ settings: Settings) throws(FlagValueError) {
        self.init(version: Version.current)
        try setListeners(settings)
        try setLimits(settings)
        try setTimeouts(settings)
        try setAccess(settings)
        balance = try settings.value(BalancerSettings.balance)
        let headers = try settings.value(BalancerSettings.sessionHeaders)
        let cookie = try settings.value(BalancerSettings.sessionCookie)
        sessionNaming = headers.isEmpty ? SessionNaming(cookie: cookie) : SessionNaming(fields: headers, cookie: cookie)
        strictModels = try settings.value(BalancerSettings.strictModels)
        defaultModel = try settings.value(BalancerSettings.defaultModel)
        modelsFile = try settings.value(BalancerSettings.modelsFile).map { ModelsFileText.file(at: $0) }
        maximumAgents = try settings.value(BalancerSettings.maximumAgents)
        lostMemory = try settings.value(BalancerSettings.lostMemory).duration
        rewritesHostHeader = try settings.value(BalancerSettings.rewritesHostHeader)
        upstreamAPIKey = try settings.value(BalancerSettings.upstreamAPIKey)
        upstreamCAFile = try settings.value(BalancerSettings.upstreamCAFile)
        accessLog = try settings.value(BalancerSettings.accessLog)
        stateFolder = try settings.value(BalancerSettings.stateFolder)
        usageRetention = try settings.value(BalancerSettings.usageRetention).days
        tracing = try TracingConfiguration.from(settings)
        tellsServerTiming = try settings.value(BalancerSettings.serverTiming)
        tellsLoading = try settings.value(BalancerSettings.loadingState)
        statsD = try StatsDConfiguration.from(settings)
    }

    private mutating func setListeners(_ settings: Settings) throws(FlagValueError) {
        reverseProxy = try settings.address(BalancerSettings.reverseProxy)
        management = try settings.address(BalancerSettings.management)
        sharesPorts = try settings.value(BalancerSettings.sharesPorts)
        speaksHTTP2WithoutTLS = try settings.value(BalancerSettings.speaksHTTP2WithoutTLS)
        reverseProxyCertificates = try Self.certificates(
            settings.found(BalancerSettings.reverseProxyCertificates),
            keys: settings.found(BalancerSettings.reverseProxyKeys),
            flag: BalancerSettings.reverseProxyCertificates.description.flag,
            keyFlag: BalancerSettings.reverseProxyKeys.description.flag
        )
        managementCertificates = try Self.certificates(
            settings.found(BalancerSettings.managementCertificates),
            keys: settings.found(BalancerSettings.managementKeys),
            flag: BalancerSettings.managementCertificates.description.flag,
            keyFlag: BalancerSettings.managementKeys.description.flag
        )
        let authorities = try settings.found(BalancerSettings.clientAuthorities)
        managementClientAuthorities = authorities.value.map {
            OperatorFile(path: $0, flag: authorities.label ?? BalancerSettings.clientAuthorities.description.flag)
        }
        guard managementClientAuthorities == nil || !managementCertificates.isEmpty else {
            throw FlagValueError(
                "--management-client-ca asks for certificates by TLS: set --management-tls-cert and its key, too"
            )
        }
        try setPicker(settings)
        guard management != reverseProxy || management.port == 0 else {
            throw FlagValueError(
                "both listeners are to use \(management); choose another --management-port or --reverseproxy-port"
            )
        }
    }

    private mutating func setPicker(_ settings: Settings) throws(FlagValueError) {
        let addresses = try settings.addresses(BalancerSettings.picker)
        if addresses.isGiven { picker = addresses.first }
        pickerCertificates = try Self.certificates(
            settings.found(BalancerSettings.pickerCertificates),
            keys: settings.found(BalancerSettings.pickerKeys),
            flag: BalancerSettings.pickerCertificates.description.flag,
            keyFlag: BalancerSettings.pickerKeys.description.flag
        )
        let authorities = try settings.found(BalancerSettings.pickerClientAuthorities)
        pickerClientAuthorities = authorities.value.map {
            OperatorFile(path: $0, flag: authorities.label ?? BalancerSettings.pickerClientAuthorities.description.flag)
        }
        guard pickerClientAuthorities == nil || !pickerCertificates.isEmpty else {
            throw FlagValueError(
                "--picker-client-ca asks for certificates by TLS: set --picker-tls-cert and its key, too"
            )
        }
        guard picker != nil || pickerCertificates.isEmpty else {
            throw FlagValueError("--picker-tls-cert is of no use without a --picker-addr")
        }
        guard let picker, picker.port != 0 else { return }
        guard picker != management, picker != reverseProxy else {
            throw FlagValueError("two listeners are to use \(picker); choose another --picker-port")
        }
    }

    private static func certificates(
        _ chains: Settings.Found<[String]>,
        keys: Settings.Found<[String]>,
        flag: String,
        keyFlag: String
    ) throws(FlagValueError) -> [CertificateFiles] {
        guard chains.value.count == keys.value.count else {
            throw FlagValueError(
                "each \(flag) needs its \(keyFlag), in the same order: there are \(chains.value.count) of the first "
                    + "and \(keys.value.count) of the second"
            )
        }
        let (flag, keyFlag) = (chains.label ?? flag, keys.label ?? keyFlag)
        return zip(chains.value, keys.value).map { chain, key in
            CertificateFiles(
                chain: OperatorFile(path: chain, flag: flag),
                key: OperatorFile(path: key, flag: keyFlag)
            )
        }
    }

    private mutating func setLimits(_ settings: Settings) throws(FlagValueError) {
        maximumQueued = try settings.value(BalancerSettings.maximumQueued)
        queueTimeout = try settings.value(BalancerSettings.queueTimeout).duration
        slotlessTimeout = try settings.value(BalancerSettings.slotlessTimeout).duration
        maximumExpectedWait = try settings.value(BalancerSettings.maximumExpectedWait)?.duration
        classPatience = try settings.value(BalancerSettings.classPatience).duration
        maximumConnections = try settings.value(BalancerSettings.maximumConnections)
        maximumAttemptsAfterSend = try settings.value(BalancerSettings.maximumAttemptsAfterSend)
        threads = try settings.value(BalancerSettings.threads)
        let body = try settings.found(BalancerSettings.maximumBody)
        let buffered = try settings.found(BalancerSettings.maximumBuffered)
        guard buffered.value.bytes >= body.value.bytes else {
            throw FlagValueError(
                "\(buffered.label ?? "--max-buffered-bytes") (\(buffered.value)) must not be less than "
                    + "\(body.label ?? "--max-request-body") (\(body.value))"
            )
        }
        maximumBodyBytes = body.value.bytes
        maximumBufferedBytes = buffered.value.bytes
        minimumBodyRate = try settings.value(BalancerSettings.minimumBodyRate).bytes
    }

    private mutating func setTimeouts(_ settings: Settings) throws(FlagValueError) {
        timeouts.connect = try settings.value(BalancerSettings.connectTimeout).duration
        timeouts.requestHead = try settings.value(BalancerSettings.requestHeadTimeout).duration
        timeouts.requestBody = try settings.value(BalancerSettings.requestBodyTimeout).duration
        timeouts.firstByte = try settings.value(BalancerSettings.firstByteTimeout).duration
        timeouts.answerIdle = try settings.value(BalancerSettings.answerIdleTimeout).duration
        timeouts.clientWrite = try settings.value(BalancerSettings.clientWriteTimeout).duration
        timeouts.clientIdle = try settings.value(BalancerSettings.clientIdleTimeout).duration
        timeouts.shutdown = try settings.value(BalancerSettings.shutdownTimeout).duration
        let keepAliveAfter = try settings.value(BalancerSettings.keepAliveAfter).duration
        self.keepAliveAfter = keepAliveAfter > .zero ? keepAliveAfter : nil
    }

    private mutating func setAccess(_ settings: Settings) throws(FlagValueError) {
        apiKeys = try settings.value(BalancerSettings.apiKeys)
        apiKeyFile = try settings.value(BalancerSettings.apiKeyFile)
        tenantsFile = try settings.value(BalancerSettings.tenantsFile)
        sharesByAddress = try settings.value(BalancerSettings.fairBy) == .address
        guard tenantsFile == nil || !sharesByAddress else {
            throw FlagValueError(
                "--fair-by address means nothing beside a --tenants-file, which tells clients apart by keys"
            )
        }
        managementTokens = try settings.value(BalancerSettings.managementTokens)
        managementTokenFile = try settings.value(BalancerSettings.managementTokenFile)
        managementReadTokens = try settings.value(BalancerSettings.managementReadTokens)
        managementReadTokenFile = try settings.value(BalancerSettings.managementReadTokenFile)
        let hasTokens = !managementTokens.isEmpty || managementTokenFile != nil
        guard
            hasTokens || managementClientAuthorities != nil
                || managementReadTokens.isEmpty && managementReadTokenFile == nil
        else {
            throw FlagValueError(
                "a --management-read-token keeps nobody out unless there is a --management-token or a --management-client-ca, too"
            )
        }
        try setAgentNames(settings)
        enablesSlotsEndpoint = try settings.value(BalancerSettings.slotsEndpoint)
        enablesStreamsEndpoint = try settings.value(BalancerSettings.streamsEndpoint)
        enablesAdminEndpoints = try settings.value(BalancerSettings.adminEndpoints)
        managementAllowedOrigins = try settings.value(BalancerSettings.allowedOrigins)
        managementAllowedHosts = try settings.value(BalancerSettings.allowedHosts)
        enablesDashboard = try settings.value(BalancerSettings.dashboard)
        _ = try settings.value(BalancerSettings.metricsEndpoint)
        metricsUpstreams = try settings.value(BalancerSettings.metricsUpstreams)
        explainsAnswers = try settings.value(BalancerSettings.explainsAnswers)
        let trusted = try settings.value(BalancerSettings.trustedProxies)
        expectsProxyHeader = try settings.value(BalancerSettings.proxyProtocol)
        trustedProxies = trusted.isEmpty ? nil : TrustedProxies(trusted)
    }
}

extension BalancerConfiguration {
    private mutating func setAgentNames(_ settings: Settings) throws(FlagValueError) {
        let allowed = try settings.value(BalancerSettings.allowedAgents)
        switch try settings.value(BalancerSettings.agentNames) {
        case .any:
            guard allowed.isEmpty else {
                throw FlagValueError("--agent-allow means nothing without --agent-names certificate")
            }
        case .certificate:
            guard managementClientAuthorities != nil || !allowed.isEmpty else {
                throw FlagValueError(
                    "--agent-names certificate: no agent could show one: set --management-client-ca, or list names by "
                        + "--agent-allow"
                )
            }
            agentNames = .certified(allowed: ModelPatterns(allowed))
        }
    }
}

extension TracingConfiguration {
    fileprivate static func from(_ settings: Settings) throws(FlagValueError) -> TracingConfiguration? {
        let fraction = try settings.value(BalancerSettings.traceFraction)
        let headers = try settings.value(BalancerSettings.collectorHeaders)
        guard let endpoint = try settings.value(BalancerSettings.collector) else { return nil }
        var configuration = TracingConfiguration(endpoint: endpoint)
        configuration.sampling = TraceSampling(fraction: fraction)
        configuration.headers = headers
        return configuration
    }
}

extension StatsDConfiguration {
    /// As in Paddler 1.x an address given in one piece switches it on, as in 0.10 a host or a port alone doesn't.
    fileprivate static func from(_ settings: Settings) throws(FlagValueError) -> StatsDConfiguration? {
        var configuration = StatsDConfiguration(address: try settings.address(BalancerSettings.statsDAddress))
        configuration.prefix = try settings.value(BalancerSettings.statsDPrefix)
        configuration.interval = try settings.value(BalancerSettings.statsDInterval).duration
        configuration.tags = try settings.value(BalancerSettings.statsDTags)
        let hasAddress = settings.isGiven(BalancerSettings.statsDAddress.addresses)
        let isEnabled = try settings.value(BalancerSettings.statsDEnabled) ?? hasAddress
        return isEnabled ? configuration : nil
    }
}
