/// How a server is started.
public struct ServerLaunch: Sendable {
    /// The path of its program.
    public var program: String
    public var arguments: [String]

    public init(program: String, arguments: [String]) {
        self.program = program
        self.arguments = arguments
    }
}
