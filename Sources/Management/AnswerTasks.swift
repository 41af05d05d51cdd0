import Hummingbird

/// Finds each answer in a task of its own.
///
/// A task keeps the memory of its deepest call for as long as it lives, and a connection's lives as long as the connection. What all
/// middlewares and a route take was a third of what an agent costs; so it is given back when the answer is known.
struct AnswerTasks<Inner: HTTPResponder>: HTTPResponder where Inner.Context: Sendable {
    let inner: Inner

    func respond(to request: Request, context: Inner.Context) async throws -> Response {
        async let answer = inner.respond(to: request, context: context)
        return try await answer
    }
}
