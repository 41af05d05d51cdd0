import NIOCore
import Testing

@Suite("Requests that come in pieces", .timeLimit(.minutes(1)))
struct SplitTests {
    private static let sized = HTTP.completion("{\"a\":1}", fields: ["X-Request-Id: mine"])
    private static let chunked =
        "\r\nPOST /completion HTTP/1.1\r\nHost: a\r\nX-Request-Id: mine\r\nTransfer-Encoding: chunked\r\n\r\n"
        + HTTP.chunk("{\"a\"") + "3;x=\"y\"\r\n:1}\r\n0\r\nX-T: 1\r\n\r\n"

    @Test("it makes no difference where a request is cut in two", arguments: [sized, chunked])
    func cutInTwo(request: String) throws {
        let bytes = Array(request.utf8)
        let whole = try message(of: [bytes])
        #expect(whole.hasSuffix("\r\n\r\n{\"a\":1}"))
        for cut in 1..<bytes.count {
            #expect(try message(of: [Array(bytes[..<cut]), Array(bytes[cut...])]) == whole, "cut at \(cut)")
        }
    }

    @Test("a request may come byte by byte", arguments: [sized, chunked])
    func byteByByte(request: String) throws {
        let bytes = Array(request.utf8)
        #expect(try message(of: bytes.map { [$0] }) == message(of: [bytes]))
    }

    private func message(of pieces: [[UInt8]]) throws -> String {
        String(buffer: try #require(try HeldMessage.of(pieces)))
    }
}
