import HTTPTypes
import Hummingbird
import Logging

/// Turns what routes throw into answers that say what is wrong.
struct ErrorMiddleware: RouterMiddleware {
    func handle(
        _ request: Request,
        context: ManagementContext,
        next: (Request, ManagementContext) async throws -> Response
    ) async throws -> Response {
        var response = await answer(request, context, next)
        // RFC 9110 9.3.2: whoever asked by HEAD would take a body for the beginning of the next answer.
        if request.method == .head { response = response.createHeadResponse() }
        // An answer that a page loads as a script or a style must not be taken for one.
        response.headers[.xContentTypeOptions] = "nosniff"
        return response
    }

    private func answer(
        _ request: Request,
        _ context: ManagementContext,
        _ next: (Request, ManagementContext) async throws -> Response
    ) async -> Response {
        do {
            return try await next(request, context)
        } catch let failure as RequestFailure {
            return failure.response
        } catch let error as HTTPError where error.status == .notFound {
            return RequestFailure.notFound(path: request.uri.path).response
        } catch let error as any HTTPResponseError {
            return RequestFailure(status: error.status, message: error.status.reasonPhrase).response
        } catch {
            context.logger.error("management request failed", error: error, metadata: ["path": "\(request.uri.path)"])
            return RequestFailure(status: .internalServerError, message: "internal error; see the log").response
        }
    }
}
