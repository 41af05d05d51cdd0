import RequestTracing

/// What is told of each request.
extension BalancerSettings {
    static let accessLog = Setting<String?>(
        "access-log",
        "file",
        "Write a line of JSON for each finished request to this file, or with - to standard output; reopened on SIGHUP.",
        reading: SettingText.text
    )
    static let serverTiming = Setting(
        onOff: "server-timing",
        "Add to each answer how long its request waited for a slot (Server-Timing: queue;dur=12.5)."
    )
    static let loadingState = Setting(
        onOff: "loading-state",
        "Report the progress of loading a model to streamed chats that wait for it, as reasoning_content."
    )

    static let stateFolder = Setting<String?>(
        "state-dir",
        "folder",
        "Keep in this folder what each tenant used; created if it doesn't exist.",
        whenNone: "kept in memory until the balancer ends",
        reading: SettingText.text
    )
    static let usageRetention = Setting(
        "usage-retention",
        "days",
        "How many days of that are kept: by hour for the last 31 days, by day before.",
        default: DayCount(400),
        reading: DayCount.init(parsing:)
    )
    static let collector = Setting<CollectorEndpoint?>(
        "otlp-endpoint",
        "url",
        "Trace requests, and send their spans to this OpenTelemetry collector by OTLP over HTTP; the default path is /v1/traces.",
        reading: SettingText.collector
    )
    static let traceFraction = Setting(
        "otlp-sample",
        "fraction",
        "The fraction of requests without a traceparent that is traced, from 0 to 1; a traceparent decides for itself.",
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
