package enum LogFormat: String, CaseIterable, Sendable {
    case text, json
}
