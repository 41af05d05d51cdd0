import HTTPTypes

/// Why a request to the management listener isn't served, in words for whoever sent it.
struct RequestFailure: Error {
    let status: HTTPResponse.Status
    let message: String
    /// What the status calls for beside the body.
    var headers: HTTPFields = [:]

    static func notFound(path: String) -> Self {
        Self(
            status: .notFound,
            message: "there is nothing at \(path.prefix(200)) here: this is the management listener; "
                + "requests for llama-server go to the reverse proxy"
        )
    }

    static func methodNotAllowed(allowed: String) -> Self {
        Self(status: .methodNotAllowed, message: "this path takes \(allowed) only", headers: [.allow: allowed])
    }

    static func badRequest(_ message: String) -> Self {
        Self(status: .badRequest, message: message)
    }

    static func bodyTooLarge(limit: Int) -> Self {
        Self(status: .contentTooLarge, message: "the body is larger than \(limit) bytes")
    }

    static let bodyTooSlow = Self(status: .requestTimeout, message: "the body did not come in time")

    /// llama-server's names for kinds of errors.
    var type: String {
        switch status.code {
        case 401: "authentication_error"
        case 403: "permission_error"
        case 404: "not_found_error"
        case 503: "unavailable_error"
        case 500...: "server_error"
        default: "invalid_request_error"
        }
    }
}
