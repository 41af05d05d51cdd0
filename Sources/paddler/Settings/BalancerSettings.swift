import LlamaServer
import ReverseProxy
import Scheduling

/// All that can be set about a balancer, in the order of its help.
enum BalancerSettings {
    static let all: [any AnySetting] =
        listeners + upstreams + limits + timeouts + access + requests + statsD + SharedSettings.logging

    // Listeners

    static let reverseProxy = AddressSetting(
        "reverseproxy",
        "Where clients connect.",
        or: .address(NetworkAddress(host: "127.0.0.1", port: 8086)),
        allowsAnyPort: true
    )
    static let reverseProxyScheme = listenerScheme("reverseproxy-scheme")
    static let proxyProtocol = Setting(
        onOff: "reverseproxy-proxy-protocol",
        "Accept clients' connections only from --trusted-proxies, and require a PROXY header, v1 or v2 (HAProxy's send-proxy, an NLB), which has the client's address."
    )
    static let management = AddressSetting(
        "management",
        "Where agents and operators connect.",
        or: .address(NetworkAddress(host: "127.0.0.1", port: 8085)),
        allowsAnyPort: true
    )
    static let managementScheme = listenerScheme("management-scheme")

    static let reverseProxyCertificates = certificates("reverseproxy-tls-cert", "clients")
    static let reverseProxyKeys = keys("reverseproxy-tls-key", for: "--reverseproxy-tls-cert")
    static let managementCertificates = certificates("management-tls-cert", "agents and operators")
    static let managementKeys = keys("management-tls-key", for: "--management-tls-cert")

    static let clientAuthorities = Setting<String?>(
        "management-client-ca",
        "file",
        """
        Request certificates from agents and operators, and accept one of an authority in this PEM file instead of a \
        --management-token; reloaded when it changes and on SIGHUP. Without any token, changes require such a certificate.
        """,
        reading: SettingText.text
    )
    static let picker = AddressSetting(
        "picker",
        "Where Envoys connect by gRPC (ext_proc) to learn where requests go, as from an endpoint picker; see paddler envoy-config.",
        or: .off(NetworkAddress(host: "127.0.0.1", port: 8087)),
        allowsAnyPort: true
    )
    static let pickerCertificates = certificates("picker-tls-cert", "Envoys")
    static let pickerKeys = keys("picker-tls-key", for: "--picker-tls-cert")
    static let pickerClientAuthorities = Setting<String?>(
        "picker-client-ca",
        "file",
        """
        Admit only Envoys with a certificate of an authority in this PEM file; reloaded when it changes and on SIGHUP.
        """,
        reading: SettingText.text
    )
    static let speaksHTTP2WithoutTLS = Setting(
        onOff: "reverseproxy-h2c",
        """
        Let clients use HTTP/2 without TLS, too, by prior knowledge; with TLS it is negotiated.
        """
    )

    static let sharesPorts = Setting(
        onOff: "reuse-port",
        "Let another balancer with the same ports stand by, and take over when this one stops."
    )

    private static let listeners: [any AnySetting] = [
        reverseProxy, reverseProxyScheme, reverseProxyCertificates, reverseProxyKeys, speaksHTTP2WithoutTLS,
        proxyProtocol,
        management, managementScheme, managementCertificates, managementKeys, clientAuthorities, picker,
        pickerCertificates, pickerKeys, pickerClientAuthorities, sharesPorts,
    ]

    private static func certificates(_ name: String, _ whom: String) -> Setting<[String]> {
        Setting(
            several: name,
            "file",
            """
            Speak TLS to \(whom), with the certificate in this PEM file (followed by its intermediate certificates); reloaded \
            when it changes and on SIGHUP. May be given several times, each with its key, for several names; the first is for \
            clients that send no name.
            """,
            reading: SettingText.text
        )
    }

    private static func keys(_ name: String, for certificate: String) -> Setting<[String]> {
        Setting(
            several: name,
            "file",
            "The key of a \(certificate), a PEM file without a passphrase; several keys in the order of their certificates.",
            reading: SettingText.text
        )
    }

    private static func listenerScheme(_ name: String) -> Setting<String> {
        Setting(
            unused: name,
            "scheme",
            "Accepted for compatibility; a listener speaks TLS if it has a certificate, otherwise plain HTTP.",
            default: "http"
        )
    }

    // Upstreams

    static let rewritesHostHeader = Setting(
        onOff: "rewrite-host-header",
        "Send each server its own address, as given by its agent, as Host, instead of the client's."
    )
    static let upstreamAPIKey = Setting<String?>(
        "upstream-api-key",
        "key",
        "The servers' --api-key, added to each request, so that clients needn't know it.",
        whenNone: "what the client sends is passed on",
        isSecret: true,
        reading: SettingText.secret
    )
    static let upstreamCAFile = Setting<String?>(
        "upstream-ca-file",
        "file",
        "A PEM file of certificates to trust, besides the system's, for https servers.",
        reading: SettingText.text
    )

    static let balance = Setting(
        choice: "balance",
        "policy",
        "Which idle server gets the next request: the one with most of its prompt in its cache, the one that had the previous request of the session (see --session-header), the one with the smallest share of its slots in use, or the one with the most idle slots.",
        default: Balance.cacheAware
    )
    static let sessionHeaders = Setting(
        several: "session-header",
        "name",
        """
        With --balance session, a header that names the session of a request; may be given several times, and the first one \
        present counts. Without any: X-Session-Id, then X-Conversation-Id. Without such a header, prompt_cache_key, \
        safety_identifier or user in the body name the session.
        """,
        whenNone: "X-Session-Id, then X-Conversation-Id",
        separatedBy: ",",
        reading: SettingText.fieldName
    )
    static let sessionCookie = Setting<String?>(
        "session-cookie",
        "name",
        "With --balance session, the cookie that names the session if no such header does.",
        reading: SettingText.fieldName
    )
    static let strictModels = Setting(
        onOff: "strict-models",
        "Serve a request only by servers of the model that it names, even if all servers have the same model."
    )
    static let defaultModel = Setting<String?>(
        "default-model",
        "name",
        "The model of requests that name none, if the servers have several.",
        whenNone: "such requests are refused",
        reading: SettingText.modelName
    )
    static let modelsFile = Setting<String?>(
        "models-file",
        "file",
        "A YAML file with aliases, fallbacks and queue limits of models; reloaded when it changes and on SIGHUP.",
        reading: SettingText.text
    )
    static let maximumAgents = Setting(
        "max-agents",
        "count",
        "The maximum number of servers; the agents of further servers wait.",
        default: 4096,
        reading: SettingText.number(1...65536)
    )
    static let lostMemory = Setting(
        "remember-lost",
        "duration",
        "How long a server whose agent left without a goodbye is listed as lost; 0 lists none.",
        default: DurationFlag(.seconds(86400)),
        reading: SettingText.duration(atLeast: .zero)
    )

    private static let upstreams: [any AnySetting] = [
        balance, sessionHeaders, sessionCookie, strictModels, defaultModel, modelsFile, maximumAgents, lostMemory,
        rewritesHostHeader, upstreamAPIKey, upstreamCAFile,
    ]

    // Queue and limits

    static let maximumQueued = Setting(
        "max-buffered-requests",
        "count",
        "How many requests may wait for a slot; 0 disables the queue.",
        default: 1024,
        oldNames: [requestBufferSize],
        reading: SettingText.number(0...(.max))
    )
    static let queueTimeout = Setting(
        "buffered-request-timeout",
        "duration",
        "How long a request may wait for a slot; running answers are never cut.",
        default: DurationFlag(.seconds(60)),
        oldNames: [requestBufferTimeout],
        reading: queueTimeoutText
    )
    static let slotlessTimeout = Setting(
        "slotless-request-timeout",
        "duration",
        "How long a request that needs no slot, such as GET /v1/models, may wait for a server; at most --buffered-request-timeout.",
        default: DurationFlag(.seconds(10)),
        reading: SettingText.duration(atLeast: .zero)
    )
    static let maximumExpectedWait = Setting<DurationFlag?>(
        "max-queue-wait-estimate",
        "duration",
        "Refuse a request at once, with 429 and Retry-After, if its estimated wait is longer than this.",
        whenNone: "no limit but --buffered-request-timeout",
        reading: { text throws(FlagValueError) in try SettingText.duration(atLeast: .milliseconds(1))(text) }
    )
    static let classPatience = Setting(
        "class-patience",
        "duration",
        "How long requests of a class may be overtaken by better classes; then the request that has waited longest is next.",
        default: DurationFlag(.seconds(30)),
        reading: SettingText.duration(atLeast: .milliseconds(1))
    )
    /// Paddler 0.10's name.
    static let requestBufferSize = Setting(
        old: "request-buffer-size",
        "count",
        for: "--max-buffered-requests",
        default: 1024,
        reading: SettingText.number(0...(.max))
    )
    /// Paddler 0.10's name.
    static let requestBufferTimeout = Setting(
        old: "request-buffer-timeout",
        "duration",
        for: "--buffered-request-timeout",
        default: DurationFlag(.seconds(60)),
        reading: queueTimeoutText
    )
    static let maximumBody = Setting(
        "max-request-body",
        "size",
        "The maximum size of a request body, at most 2GiB; larger ones are answered 413.",
        default: ByteCountFlag(bytes: 64 << 20),
        reading: SettingText.size(1...ReverseProxyConfiguration.largestBodyBytes)
    )
    static let maximumBuffered = Setting(
        "max-buffered-bytes",
        "size",
        "The maximum number of bytes of all held requests, heads and bodies; further requests are answered 429.",
        default: ByteCountFlag(bytes: 512 << 20),
        reading: SettingText.size(1...(.max))
    )
    static let minimumBodyRate = Setting(
        "request-body-min-rate",
        "size",
        "The minimum rate of a body, in bytes per second over --request-body-timeout; slower ones are answered 408; 0 disables it.",
        default: ByteCountFlag(bytes: ReverseProxyConfiguration.standardBodyRate),
        reading: SettingText.size(0...(1 << 30))
    )
    static let maximumAttemptsAfterSend = Setting(
        "max-attempts-after-send",
        "count",
        "How often a request is sent in all if a server may have executed it before breaking it off; 1 never resends it.",
        default: 2,
        reading: SettingText.number(1...100)
    )
    static let maximumConnections = Setting<Int?>(
        "max-connections",
        "count",
        "The maximum number of clients' connections; further ones are answered 503.",
        whenNone: "a third of the process's descriptor limit",
        reading: SettingText.number(1...(1 << 24))
    )
    static let threads = Setting<Int?>(
        "threads",
        "count",
        "Threads of the reverse proxy.",
        whenNone: "one for each core",
        reading: SettingText.number(1...1024)
    )

    static let limits: [any AnySetting] = [
        maximumQueued, queueTimeout, slotlessTimeout, maximumExpectedWait, classPatience, maximumBody, maximumBuffered,
        minimumBodyRate, maximumAttemptsAfterSend, maximumConnections, threads,
    ]

    private static let queueTimeoutText = SettingText.duration(
        atLeast: .milliseconds(1),
        hint: "; --max-buffered-requests 0 lets none wait"
    )
}
