import ReverseProxy

extension BalancerSettings {
    static let connectTimeout = timeout(
        "connect-timeout",
        "How long a connection to a server may take to open; then the request is tried elsewhere.",
        default: standard.connect
    )
    static let requestHeadTimeout = timeout(
        "request-head-timeout",
        "How long the head of a request may take to arrive, from its first byte; then 408.",
        default: standard.requestHead
    )
    static let requestBodyTimeout = timeout(
        "request-body-timeout",
        "How long a client may pause while it sends a body; then 408.",
        default: standard.requestBody
    )
    static let firstByteTimeout = timeout(
        "first-byte-timeout",
        "How long a server without visible progress may take to start its answer; then 504.",
        default: standard.firstByte
    )
    static let answerIdleTimeout = timeout(
        "answer-idle-timeout",
        "How long a server may pause in an answer; then the answer is cut, a stream with an error event.",
        default: standard.answerIdle
    )
    static let clientWriteTimeout = timeout(
        "client-write-timeout",
        "How long a client may stop reading its answer; then its connection is reset.",
        default: standard.clientWrite
    )
    static let clientIdleTimeout = timeout(
        "client-idle-timeout",
        "How long a client's connection may be idle; should be longer than in proxies in front (AWS 60s, Go 90s, Google 600s).",
        default: standard.clientIdle
    )
    static let shutdownTimeout = timeout(
        "shutdown-timeout",
        "How long queued requests and running answers get to finish after SIGTERM; 0 ends them at once.",
        default: standard.shutdown,
        atLeast: .zero
    )
    static let keepAliveAfter = timeout(
        "keepalive-after",
        "How long a stream may be silent before its client gets a comment, so that proxies keep the connection; 0 disables it.",
        default: .seconds(10),
        atLeast: .zero
    )

    static let timeouts: [any AnySetting] = [
        connectTimeout, requestHeadTimeout, requestBodyTimeout, firstByteTimeout, answerIdleTimeout,
        clientWriteTimeout, clientIdleTimeout, shutdownTimeout, keepAliveAfter,
    ]

    private static let standard = ProxyTimeouts()

    private static func timeout(
        _ name: String,
        _ help: String,
        default standard: Duration,
        atLeast shortest: Duration = .milliseconds(1)
    ) -> Setting<DurationFlag> {
        Setting(
            name,
            "duration",
            help,
            default: DurationFlag(standard),
            reading: SettingText.duration(atLeast: shortest)
        )
    }
}
