import LlamaServer

/// Measurements sent as StatsD datagrams.
extension BalancerSettings {
    static let statsDEnabled = Setting<Bool?>(
        onOffOr: "statsd-enable",
        "Send measurements to a StatsD server.",
        whenNone: "true if --statsd-addr is given, else false"
    )
    static let statsDAddress = AddressSetting(
        "statsd",
        "Where it listens, by UDP.",
        or: .address(NetworkAddress(host: "127.0.0.1", port: 8125))
    )
    static let statsDScheme = Setting(
        unused: "statsd-scheme",
        "scheme",
        "Accepted for compatibility; it changes nothing.",
        default: "http"
    )
    static let statsDPrefix = Setting(
        "statsd-prefix",
        "prefix",
        "The prefix of all names, without the dot.",
        default: "paddler",
        reading: SettingText.statsDPrefix
    )
    static let statsDInterval = Setting(
        "statsd-reporting-interval",
        "duration",
        "How often measurements are sent.",
        default: DurationFlag(.seconds(10)),
        reading: SettingText.duration(atLeast: .milliseconds(100))
    )
    static let statsDTags = Setting(
        several: "statsd-tags",
        "tags",
        "Tags for a DogStatsD server: name:value, with commas between several.",
        separatedBy: ",",
        reading: SettingText.tag
    )

    static let statsD: [any AnySetting] = [
        statsDEnabled, statsDAddress, statsDScheme, statsDPrefix, statsDInterval, statsDTags,
    ]
}
