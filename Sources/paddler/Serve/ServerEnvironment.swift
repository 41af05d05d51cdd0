#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The variables of a llama-server.
enum ServerEnvironment {
    /// Those of this process but its own: they have keys and tokens in them.
    static var inherited: [String: String] {
        ProcessInfo.processInfo.environment.filter { !$0.key.hasPrefix("PADDLER_") }
    }
}
