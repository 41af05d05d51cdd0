import HTTPTypes
import Hummingbird
import LlamaServer
import NIOCore

extension RequestFailure {
    /// The answer, which reads like one of llama-server's own: `{"error":{"code":404,...}}`.
    var response: Response {
        var headers = headers
        headers[.contentType] = "application/json; charset=utf-8"
        headers[.cacheControl] = "no-store"
        return Response(status: status, headers: headers, body: .init(byteBuffer: body))
    }

    var body: ByteBuffer {
        ByteBuffer(bytes: ErrorBody(code: status.code, message: message, type: type).json)
    }
}
