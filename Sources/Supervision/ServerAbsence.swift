/// Why a server doesn't run: how it ended, in words.
public enum ServerAbsence: Equatable, Sendable {
    /// It is started again.
    case pausing(String)
    /// It isn't.
    case failing(String)
}
