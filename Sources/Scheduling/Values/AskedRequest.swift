/// A request of which somebody asks what would become of it.
public struct AskedRequest: Equatable, Sendable {
    /// Of its target, without a query.
    public var path: String
    public var body: [UInt8]
    /// What its head calls its session; nil: nothing.
    public var session: String?
    /// How its client names the server that it means; nil: it doesn't.
    public var agent: String?

    public init(path: String, body: [UInt8], session: String? = nil, agent: String? = nil) {
        self.path = path
        self.body = body
        self.session = session
        self.agent = agent
    }
}
