public import AccessControl
public import FleetMetrics
public import LlamaServer
public import Management
public import RequestTracing
public import ReverseProxy
public import Scheduling
public import TransportSecurity

/// What an operator can set about a balancer.
public struct BalancerConfiguration: Sendable {
    /// Where agents and operators connect. Port 0 takes any free one.
    public var management = NetworkAddress(host: "127.0.0.1", port: 8085)
    /// Where clients connect. Port 0 takes any free one.
    public var reverseProxy = NetworkAddress(host: "127.0.0.1", port: 8086)
    /// What the reverse proxy shows of itself, to clients that name none of the others first; none: it speaks plain HTTP.
    public var reverseProxyCertificates: [CertificateFiles] = []
    /// Where Envoys ask where requests go. Port 0 takes any free one; nil: nowhere.
    public var picker: NetworkAddress?
    /// What that shows of itself; none: it speaks HTTP/2 without TLS.
    public var pickerCertificates: [CertificateFiles] = []
    /// Whose certificates Envoys must show there; nil: they are asked for none.
    public var pickerClientAuthorities: OperatorFile?
    /// Whether clients may speak HTTP/2 without TLS.
    public var speaksHTTP2WithoutTLS = false
    /// The same for management.
    public var managementCertificates: [CertificateFiles] = []
    /// Whose certificates agents and operators may show there instead of a token; nil: they are asked for none.
    public var managementClientAuthorities: OperatorFile?
    /// Whether another balancer may listen on the same ports: the one that is started later stands by until the other stops.
    public var sharesPorts = false
    /// How many requests may wait for a slot; 0 lets none wait.
    public var maximumQueued = 1024
    /// How often a request is sent that a server may have executed when it broke it off; at least 1.
    public var maximumAttemptsAfterSend = 2
    /// How long a request waits for a slot at most. It bounds the wait alone, never a running answer.
    public var queueTimeout: Duration = .seconds(60)
    /// How long a request that needs no slot waits for a server at most, ``queueTimeout`` permitting.
    public var slotlessTimeout: Duration = .seconds(10)
    /// A request that can be expected to wait longer than this is refused at once; nil: none is.
    public var maximumExpectedWait: Duration?
    /// How long requests of a class may be passed by those of better classes.
    public var classPatience: Duration = .seconds(30)
    /// The largest request body accepted, in bytes.
    public var maximumBodyBytes = 64 << 20
    /// The most bytes of requests held at one time.
    public var maximumBufferedBytes = 512 << 20
    /// The fewest bytes a second of a body that comes in; 0: any.
    public var minimumBodyRate = ReverseProxyConfiguration.standardBodyRate
    /// For how long the reverse proxy waits for whom.
    public var timeouts = ProxyTimeouts()
    /// After how long a silence a client that asked for a stream is sent a comment; nil: never.
    public var keepAliveAfter: Duration? = .seconds(10)
    /// Whether streamed chats that wait for a model to be loaded are told how that goes.
    public var tellsLoading = false
    /// The most connections of clients at one time; nil: as many as ``descriptors`` allow.
    public var maximumConnections: Int?
    /// How many descriptors the process may have open.
    public var descriptors = 1 << 20
    /// The most agents whose servers are used at one time.
    public var maximumAgents = DescriptorBudget.usualAgents
    /// Up to how many servers `/metrics` tells of one by one; 0: of none.
    public var metricsUpstreams = MetricsReading.usualUpstreams
    /// For how long a server that went without a word is listed as lost; 0: not at all.
    public var lostMemory: Duration = .seconds(86_400)
    /// Whether a model's name decides even where all servers serve one.
    public var strictModels = false
    /// What a request asks for that names no model, where there are several; nil: it is refused.
    public var defaultModel: String?
    /// What else requests may call models, and what is said of each; nil: nothing.
    public var modelsFile: ModelsFile?
    /// Which server gets the next request.
    public var balance = Balance.cacheAware
    /// Threads of the reverse proxy; nil: one for each core.
    public var threads: Int?
    /// Whether an upstream sees its own address as `Host`, as its agent named it, instead of what the client sent.
    public var rewritesHostHeader = false
    /// The key put on requests to upstreams whose agent names none of its own; nil: what the client sends is passed on.
    public var upstreamAPIKey: String?
    /// A PEM file of certificates to trust, beside the system's, for upstreams that are spoken to by TLS.
    public var upstreamCAFile: String?
    /// Keys of clients; with none, and no file, everybody is let in.
    public var apiKeys: [String] = []
    /// A file of further ones, read again when it changes and on SIGHUP.
    public var apiKeyFile: String?
    /// A file of tenants, read again when it changes and on SIGHUP; nil: clients are all alike.
    public var tenantsFile: String?
    /// Whether slots are shared among clients' addresses where there is no such file.
    public var sharesByAddress = false
    /// Tokens of agents and operators; with none, and no file, everybody is let in.
    public var managementTokens: [String] = []
    /// A file of further ones, read again when it changes and on SIGHUP.
    public var managementTokenFile: String?
    /// Tokens of those who may read what management tells, and change nothing. Of use only beside the others.
    public var managementReadTokens: [String] = []
    /// A file of further ones, read again when it changes and on SIGHUP.
    public var managementReadTokenFile: String?
    /// Which names agents may speak for.
    public var agentNames = AgentNames.any
    /// Whether all answers of servers say which one it was and why, and not those alone whose clients ask.
    public var explainsAnswers = false
    public var sessionNaming = SessionNaming.standard
    /// Whether `/slots` and what is below it may be reached through the reverse proxy.
    public var enablesSlotsEndpoint = false
    /// Whether clients with keys reach running answers by their conversation's id, whoever's they are.
    public var enablesStreamsEndpoint = false
    /// Whether requests that change a server (its properties, adapters, models) or reach beyond it (tools, the CORS
    /// proxy) are let through.
    public var enablesAdminEndpoints = false
    /// Origins whose pages may use the management API.
    public var managementAllowedOrigins: [String] = []
    /// Names, beside its address, by which browsers may know the management listener while there are no tokens.
    public var managementAllowedHosts: [String] = []
    /// Where a line is written for each request that ended, `-` for standard output; nil: nowhere.
    public var accessLog: String?
    /// The folder in which it is kept what each tenant got; nil: that is kept in memory.
    public var stateFolder: String?
    /// For how many days it is kept, at least 1.
    public var usageRetention = 400
    /// Which requests are traced, and where their spans go; nil: none is.
    public var tracing: TracingConfiguration?
    /// Whether answers say in `Server-Timing` how long their requests waited.
    public var tellsServerTiming = false
    /// Whether the management listener serves the dashboard.
    public var enablesDashboard = false
    /// The proxies in front of either listener whose `X-Forwarded-…` are believed; nil: none was named, which is this machine
    /// for clients' requests, and nobody for who may change something (see ``TrustedProxies/loopback``).
    public var trustedProxies: TrustedProxies?
    /// Whether each connection of the reverse proxy has to be from one of these, and to begin with a header of the PROXY protocol.
    public var expectsProxyHeader = false
    /// Where StatsD datagrams go; nil: nowhere.
    public var statsD: StatsDConfiguration?
    /// What the balancer tells agents and operators about itself.
    public var version: String

    public init(version: String) {
        self.version = version
    }
}
