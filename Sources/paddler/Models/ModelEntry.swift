/// A model that this machine can run, as somebody has described it.
struct ModelEntry: Equatable, Sendable {
    /// What requests ask for.
    var name: String
    /// Other names of it.
    var aliases: [String] = []
    var run: Run
    /// Where its server listens; nil: at one that is free.
    var port: Int?
    /// What it takes while it runs; nil: that is measured.
    var memory: ByteCountFlag?
    /// After so long without anything running it is unloaded; nil: never.
    var ttl: DurationFlag?
    /// Whether it is loaded at the start.
    var isPreloaded = false
    /// Whether it is never unloaded for another one's sake.
    var isPinned = false
    /// Variables of its server, beside those of this process.
    var environment: [String: String] = [:]
    /// nil: this process's.
    var workingDirectory: String?
    /// Where its server's output is written; nil: in the folder for all, if there is one.
    var logFile: String?

    enum Run: Hashable, Sendable {
        /// llama-server with a GGUF file and further arguments.
        case file(String, arguments: [String])
        /// Any command line, its program first, with `${port}`, unless its port is given, and, if it likes, `${host}` in it.
        case command([String])
    }

    var names: [String] { [name] + aliases }
}
