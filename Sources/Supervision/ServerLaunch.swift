/// How a server is started.
public struct ServerLaunch: Sendable {
    /// The path of its program.
    public var program: String
    public var arguments: [String]
    /// All of its variables.
    public var environment: [String: String]
    /// nil: this process's.
    public var workingDirectory: String?
    /// Where it is to listen; nil: that isn't known.
    public var port: Int?

    public init(
        program: String,
        arguments: [String],
        environment: [String: String],
        workingDirectory: String? = nil,
        port: Int? = nil
    ) {
        self.program = program
        self.arguments = arguments
        self.environment = environment
        self.workingDirectory = workingDirectory
        self.port = port
    }
}
