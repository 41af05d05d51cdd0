/// What a stub server answers.
public struct StubReply: Sendable {
    let status: Int
    let body: String

    public init(_ status: Int, _ body: String = "") {
        self.status = status
        self.body = body
    }
}
