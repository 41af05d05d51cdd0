import HTTPTypes
import Hummingbird

extension Router {
    /// Answers 405 for the methods that a path doesn't take, which the router would answer 404.
    func refuseOtherMethods(at path: RouterPath, allowed: [HTTPRequest.Method]) {
        let names = allowed.map(\.rawValue).joined(separator: ", ")
        for method in KnownMethods<RouterResponder<Context>>.all where !allowed.contains(method) {
            on(path, method: method) { _, _ -> Response in
                throw RequestFailure.methodNotAllowed(allowed: names)
            }
        }
    }
}
