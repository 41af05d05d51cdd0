/// What an agent says of its llama-server. Requests are sent to ready ones only.
public enum Condition: Hashable, Sendable {
    case ready
    /// It answers 503 while it loads its model.
    case loading
    /// Nobody listens there, or the connection breaks; says how.
    case down(String)
    /// It accepts connections and doesn't answer.
    case unresponsive
    /// It answers, and nothing moves in any of its busy slots; says since when.
    case stuck(String)
    /// It refuses the agent's key.
    case unauthorized
    /// It was started with `--no-slots`.
    case slotsDisabled
    /// It has crashed, and is being started again; says how it ended.
    case restarting(String)
    /// It crashes whenever it is started, and isn't started again; says how it ended.
    case failing(String)
    /// It isn't running, and is loaded when somebody wishes it.
    case unloaded
    /// It answers something else; says what.
    case unexpected(String)
}
