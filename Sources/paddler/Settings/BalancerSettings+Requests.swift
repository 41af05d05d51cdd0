import RequestTracing

/// What is told of each request.
extension BalancerSettings {
    static let accessLog = Setting<String?>(
        "access-log",
        "file",
        "Write a line of JSON about each request that ended to this file, or with - to standard output; SIGHUP has it opened again.",
        reading: SettingText.text
    )
    static let serverTiming = Setting(
        onOff: "server-timing",
        "Say in each answer how long its request waited for a slot (Server-Timing: queue;dur=12.5)."
    )
    static let loadingState = Setting(
        onOff: "loading-state",
        "Tell streamed chats that wait for a model to be loaded how that goes, as reasoning_content."
    )

    static let stateFolder = Setting<String?>(
        "state-dir",
        "folder",
        "Keep in this folder what each tenant got; it is made if it isn't there.",
        whenNone: "that is kept in memory, and forgotten when the balancer ends",
        reading: SettingText.text
    )
    static let usageRetention = Setting(
        "usage-retention",
        "days",
        "For how many days that is kept: by hours for 31 days, by days before.",
        default: DayCount(400),
        reading: DayCount.init(parsing:)
    )
    static let collector = Setting<CollectorEndpoint?>(
        "otlp-endpoint",
        "url",
        "Trace requests, and send their spans to this OpenTelemetry collector by OTLP over HTTP; without a path it is /v1/traces.",
        reading: SettingText.collector
    )
    static let traceFraction = Setting(
        "otlp-sample",
        "fraction",
        "Which part of the requests that come without a traceparent is traced, from 0 to 1; a traceparent decides itself.",
        default: 1.0,
        reading: SettingText.fraction,
        showing: { SettingText.shown($0) }
    )
    static let collectorHeaders = Setting(
        several: "otlp-header",
        "name:value",
        "A header that is sent with spans, such as one with a key: Authorization: Bearer KEY.",
        isSecret: true,
        reading: SettingText.collectorHeader
    )

    static let requests: [any AnySetting] = [
        accessLog, collector, traceFraction, collectorHeaders, serverTiming, loadingState, stateFolder,
        usageRetention,
    ]
}
