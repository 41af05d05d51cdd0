/// Why a question about usage can't be answered, in words for whoever asked it.
public enum UsageQueryMistake: Error, Equatable, CustomStringConvertible {
    /// Of `from` or `to`.
    case noTime(name: String, String)
    case endsBeforeItBegins
    case noGrouping(String)
    case hourAndDay
    case hoursUnknown(String, since: String)
    case tooManyRows

    public var description: String {
        switch self {
        case .noTime(let name, let text):
            "\(name)= takes a day, as 2026-10-01, or a whole hour in UTC, as 2026-10-01T05:00Z, and not '\(text)'"
        case .endsBeforeItBegins: "from= must be before to="
        case .noGrouping(let word):
            "by= takes tenant, model, hour or day, each once and with commas between them, and not '\(word)'"
        case .hourAndDay: "by= takes hour or day, not both"
        case .hoursUnknown(let what, let first):
            "\(what) is not known before \(first): older usage is kept by days"
        case .tooManyRows:
            "the answer has more than \(UsageQuery.mostRows) rows: ask for a shorter time, or by fewer things at once"
        }
    }
}
