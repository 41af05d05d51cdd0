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

    static let requests: [any AnySetting] = [accessLog, serverTiming]
}
