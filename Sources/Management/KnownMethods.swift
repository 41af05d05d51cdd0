import HTTPTypes
import Hummingbird

/// Answers a method that no path takes as it answers `DELETE`: 405 where there is something, 404 where there is nothing.
///
/// A router knows a handler for each path and method, and can't be asked what there is at a path.
struct KnownMethods<Inner: HTTPResponder>: HTTPResponder {
    let inner: Inner

    /// Those that some path takes, and the one that stands for all others.
    static var all: [HTTPRequest.Method] { [.get, .head, .post, .options, .delete] }

    func respond(to request: Request, context: Inner.Context) async throws -> Response {
        guard !Self.all.contains(request.method) else {
            return try await inner.respond(to: request, context: context)
        }
        var head = request.head
        head.method = .delete
        return try await inner.respond(to: Request(head: head, body: request.body), context: context)
    }
}
