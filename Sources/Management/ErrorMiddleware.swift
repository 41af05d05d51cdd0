import HTTPTypes
import Hummingbird
import LlamaServer
import Logging
import NIOCore

/// Turns what routes throw into answers that read like llama-server's own: `{"error":{"code":404,...}}`.
struct ErrorMiddleware<Context: RequestContext>: RouterMiddleware {
    func handle(
        _ request: Request,
        context: Context,
        next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch let failure as RequestFailure {
            return Self.answer(failure)
        } catch let error as HTTPError where error.status == .notFound {
            return Self.answer(.notFound(path: request.uri.path))
        } catch let error as any HTTPResponseError {
            return Self.answer(RequestFailure(status: error.status, message: error.status.reasonPhrase))
        } catch {
            context.logger.error("management request failed", error: error, metadata: ["path": "\(request.uri.path)"])
            return Self.answer(RequestFailure(status: .internalServerError, message: "internal error; see the log"))
        }
    }

    private static func answer(_ failure: RequestFailure) -> Response {
        let body = ErrorBody(code: failure.status.code, message: failure.message, type: failure.type).json
        var headers: HTTPFields = [.contentType: "application/json; charset=utf-8"]
        if let allow = failure.allow { headers[.allow] = allow }
        return Response(status: failure.status, headers: headers, body: .init(byteBuffer: ByteBuffer(bytes: body)))
    }
}
