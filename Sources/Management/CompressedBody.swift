import NIOCore
import NIOEmbedded
import NIOHTTP1
import NIOHTTPCompression

/// A body in a coding that the client takes (RFC 9110 12.5.3).
///
/// The library compresses on a channel. On the connection itself it would look at every answer, streams among them, and it
/// ends the process at an answer to what wasn't a request; so it has a channel of its own here, for one body.
struct CompressedBody {
    let coding: String
    let bytes: ByteBuffer

    /// - Parameter accepted: the request's `Accept-Encoding`.
    /// - Returns: nil when the body goes out as it is.
    init?(_ body: ByteBuffer, accepted: String) {
        guard !accepted.isEmpty else { return nil }
        let channel = EmbeddedChannel(handler: HTTPResponseCompressor())
        defer { _ = try? channel.finish() }
        let request = HTTPRequestHead(version: .http1_1, method: .GET, uri: "/", headers: ["accept-encoding": accepted])
        var coding: String?
        var bytes = ByteBuffer()
        do {
            try channel.writeInbound(HTTPServerRequestPart.head(request))
            channel.write(HTTPServerResponsePart.head(HTTPResponseHead(version: .http1_1, status: .ok)), promise: nil)
            channel.write(HTTPServerResponsePart.body(.byteBuffer(body)), promise: nil)
            try channel.writeOutbound(HTTPServerResponsePart.end(nil))
            while let part = try channel.readOutbound(as: HTTPServerResponsePart.self) {
                switch part {
                case .head(let head): coding = head.headers.first(name: "content-encoding")
                case .body(.byteBuffer(var piece)): bytes.writeBuffer(&piece)
                case .body, .end: break
                }
            }
        } catch {
            return nil
        }
        guard let coding else { return nil }
        self.coding = coding
        self.bytes = bytes
    }
}
