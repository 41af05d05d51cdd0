/// What a stub server is asked. Bodies are left out.
public struct StubRequest: Equatable, Sendable {
    public let method: String
    public let uri: String
    /// Names in small letters; of one that repeats, the last.
    public let headers: [String: String]
}
