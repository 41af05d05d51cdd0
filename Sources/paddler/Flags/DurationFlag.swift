import SettingTexts

/// A span of time as written on the command line: `500ms`, `10s`, `2m`, `1m30s`, `1h`; a bare number is seconds.
struct DurationFlag: Equatable, Sendable, CustomStringConvertible {
    let duration: Duration

    init(_ duration: Duration) {
        self.duration = duration
    }

    init(parsing text: String) throws(FlagValueError) {
        guard let duration = Duration(setting: text) else {
            throw FlagValueError("\"\(text)\" \(Duration.settingMistake)")
        }
        self.duration = duration
    }

    var description: String {
        let milliseconds = duration / .milliseconds(1)
        if milliseconds < 1000 || milliseconds.truncatingRemainder(dividingBy: 1000) != 0 {
            return "\(Int(milliseconds))ms"
        }
        return "\(Int(milliseconds / 1000))s"
    }
}
