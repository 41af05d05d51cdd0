import LlamaServer
import NIOCore
import Scheduling
import Testing

@testable import ReverseProxy

@Suite("Messages whose model goes by another name")
struct RenamedMessageTests {
    private static func message(_ fields: String, body: String) -> RequestMessage {
        let line = "POST /v1/chat/completions HTTP/1.1\r\n"
        let host = "Host: client\r\n"
        let key = "Authorization: Bearer client\r\n"
        let head = line + host + key + fields + "\r\n"
        var marks = RequestMessage.Marks()
        marks.target = 5
        marks.hosts = line.utf8.count
        marks.keys = marks.hosts + host.utf8.count
        marks.rest = marks.keys + key.utf8.count
        marks.body = head.utf8.count
        var message = RequestMessage(head: ByteBuffer(string: head), marks)
        message.append(ByteBuffer(string: body), 0..<body.utf8.count)
        return message
    }

    private static func sent(_ message: RequestMessage, _ own: UpstreamLines?, as model: String) throws -> String {
        let place = try #require(message.modelPlace)
        return message.pieces(with: own, naming: model, at: place).map { String(buffer: $0) }.joined()
    }

    @Test("the body has the name at its place, and the head the new length, whatever its letters")
    func splice() throws {
        let body = #"{"messages":[],"model":"alias" , "n":1}"#
        var message = Self.message(
            "X-A: content-length: 3\r\ncontent-LENGTH:  \(body.utf8.count)\r\nX-B: y\r\n",
            body: body
        )
        #expect(message.model() == "alias")
        let expected = #"{"messages":[],"model":"a much longer name" , "n":1}"#
        #expect(
            try Self.sent(message, nil, as: "a much longer name") == """
                POST /v1/chat/completions HTTP/1.1\r\nHost: client\r\nAuthorization: Bearer client\r\n\
                X-A: content-length: 3\r\nContent-Length: \(expected.utf8.count)\r\nX-B: y\r\n\r\n\(expected)
                """
        )
        // The next server gets another name, from what the client sent.
        #expect(try Self.sent(message, nil, as: "b").hasSuffix(#"{"messages":[],"model":"b" , "n":1}"#))
        #expect(String(buffer: message.bytes).hasSuffix(body))
    }

    @Test("beside an upstream's own lines")
    func ownLines() throws {
        let body = #"{"model":"alias"}"#
        var message = Self.message("Content-Length: \(body.utf8.count)\r\n", body: body)
        _ = message.model()
        var configuration = ReverseProxyConfiguration(address: try NetworkAddress(parsing: "127.0.0.1:1"))
        configuration.rewritesHostHeader = true
        configuration.upstreamAPIKey = "own"
        let route = UpstreamRoute(address: try NetworkAddress(parsing: "127.0.0.1:9"))
        let own = try #require(UpstreamLines(for: route, configuration))
        #expect(
            try Self.sent(message, own, as: "beta") == """
                POST /v1/chat/completions HTTP/1.1\r\nHost: 127.0.0.1:9\r\nAuthorization: Bearer own\r\n\
                Content-Length: 16\r\n\r\n{"model":"beta"}
                """
        )
    }

    @Test("a message that names no model is left as it is")
    func nameless() {
        var message = Self.message("Content-Length: 2\r\n", body: "{}")
        #expect(message.model() == nil && message.modelPlace == nil)
    }
}
