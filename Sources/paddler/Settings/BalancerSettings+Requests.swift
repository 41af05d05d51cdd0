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

    static let requests: [any AnySetting] = [accessLog, serverTiming, stateFolder, usageRetention]
}
