/// What a stub server answers.
public struct StubReply: Sendable {
    let status: Int
    let body: String
    let headers: [String: String]

    /// - Parameter headers: beside the body's length.
    public init(_ status: Int, _ body: String = "", headers: [String: String] = [:]) {
        self.status = status
        self.body = body
        self.headers = headers
    }
}
