/// The variables of a llama-server.
enum ServerEnvironment {
    /// Those of this process but its own: they have keys and tokens in them.
    static func inherited(from environment: [String: String]) -> [String: String] {
        environment.filter { !$0.key.hasPrefix("PADDLER_") }
    }
}
