import LlamaServer
import SettingTexts

/// How the texts of settings are read, as by `paddler agent`.
enum SettingText {
    static func text(_ text: String) throws(SettingMistake) -> String {
        guard !text.isEmpty else { throw SettingMistake("is empty") }
        return text
    }

    /// Complaints don't show it.
    static func secret(_ text: String) throws(SettingMistake) -> String {
        guard !text.isEmpty else { throw SettingMistake("is empty") }
        guard text.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }), text.first != " ", text.last != " " else {
            throw SettingMistake("has white space around it or a control character in it")
        }
        return text
    }

    /// - Returns: whether it is TLS.
    static func isSecure(scheme text: String) throws(SettingMistake) -> Bool {
        switch text {
        case "http": false
        case "https": true
        default: throw SettingMistake("\"\(text)\" is neither http nor https")
        }
    }

    static func pathPrefix(_ text: String) throws(SettingMistake) -> PathPrefix {
        guard let prefix = PathPrefix(text) else {
            throw SettingMistake("\"\(text)\" is not the beginning of a path; write for example /llm")
        }
        return prefix
    }

    static func weight(_ text: String) throws(SettingMistake) -> Int {
        guard let number = Int(text) else { throw SettingMistake("\"\(text)\" is not a whole number") }
        guard 1...256 ~= number else { throw SettingMistake("must be from 1 to 256") }
        return number
    }

    static func choice<Choice: RawRepresentable<String> & CaseIterable>(
        _ text: String
    ) throws(SettingMistake) -> Choice {
        guard let choice = Choice(rawValue: text) else {
            let all = Choice.allCases.map(\.rawValue).joined(separator: ", ")
            throw SettingMistake("\"\(text)\" is none of \(all)")
        }
        return choice
    }

    /// `500ms`, `10s`, `2m`, `1m30s`, `1h`; a bare number is seconds.
    static func duration(_ text: String) throws(SettingMistake) -> Duration {
        guard let duration = Duration(setting: text) else {
            throw SettingMistake("\"\(text)\" \(Duration.settingMistake)")
        }
        return duration
    }
}
