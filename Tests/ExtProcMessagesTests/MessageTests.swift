import NIOCore
import SeededRandom
import Testing

@testable import ExtProcMessages

/// The bytes are those that protoc's own runtime writes for these messages, with Envoy's field numbers.
@Suite("Messages of Envoy's external processing, byte for byte")
struct MessageTests {
    private func bytes(_ hex: String) -> ByteBuffer {
        var buffer = ByteBuffer()
        var rest = hex[...]
        while let byte = UInt8(rest.prefix(2), radix: 16) {
            buffer.writeInteger(byte)
            rest = rest.dropFirst(2)
        }
        return buffer
    }

    private func hex(_ response: ProcessingResponse) -> String {
        response.message.readableBytesView.map { byte in
            let digits = String(byte, radix: 16)
            return digits.count == 1 ? "0" + digits : digits
        }.joined()
    }

    private static let head =
        "12340a320a0f0a073a6d6574686f641a04504f53540a140a053a706174681a0b2f636f6d706c6574696f6e0a090a03782d611a02c3a4"
        + "42180a160a08656e766f792e6c62120a0a080a017812031a01795a020802"
    private static let body = "22110a0d7b226d6f64656c223a226d227d1001"
    private static let failure =
        "1a140a100a0e0a073a737461747573120335303318014a600a1b656e766f792e66696c746572732e687474702e6578745f70726f6312410a22"
        + "0a15726573706f6e73652e636f64655f64657461696c7312091a07726566757365640a1b0a0e726573706f6e73652e666c616773120911"
        + "0000000000004040"

    @Test("a request's head, and which bodies are told")
    func requestHead() throws {
        let request = try ProcessingRequest(bytes(Self.head))
        let fields = [(":method", "POST"), (":path", "/completion"), ("x-a", "ä")].map { HeaderFields.Field($0, $1) }
        #expect(request.part == .requestHeaders(HeaderFields(fields, endsStream: false)))
        #expect(request.requestBodyMode == .buffered)
        #expect(request.responseBodyMode == .none)
        #expect(!request.isObserved)
    }

    @Test("a request's body")
    func requestBody() throws {
        let request = try ProcessingRequest(bytes(Self.body))
        #expect(request.part == .requestBody(ByteBuffer(string: #"{"model":"m"}"#), endsStream: true))
        #expect(request.requestBodyMode == nil)
    }

    @Test("how an attempt failed")
    func failedAttempt() throws {
        let request = try ProcessingRequest(bytes(Self.failure))
        #expect(request.part == .responseHeaders(HeaderFields([.init(":status", "503")], endsStream: true)))
        #expect(request.responseFlags == 32)
        #expect(request.responseDetails == "refused")
    }

    @Test("where a request goes")
    func pick() {
        var response = ProcessingResponse.CommonResponse()
        response.set = [.init("x-gateway-destination-endpoint", "10.0.0.1:8080")]
        response.remove = ["x-a"]
        response.clearsRouteCache = true
        #expect(
            hex(.requestHeaders(response, destination: "10.0.0.1:8080"))
                == "0a400a3e123a0a330a2f0a1e782d676174657761792d64657374696e6174696f6e2d656e64706f696e741a0d31302e302e302e313a"
                + "3830383018021203782d61280142430a410a08656e766f792e6c6212352a330a310a1e782d676174657761792d64657374696e6174"
                + "696f6e2d656e64706f696e74120f1a0d31302e302e302e313a38303830"
        )
    }

    @Test("an answer of our own")
    func immediate() {
        var response = ProcessingResponse.ImmediateResponse(status: 429)
        response.fields = [.init("content-type", "application/json")]
        response.body = ByteBuffer(string: "{}")
        #expect(
            hex(.immediate(response))
                == "3a3a0a0308ad0312260a240a200a0c636f6e74656e742d747970651a106170706c69636174696f6e2f6a736f6e18021a027b7d2a07"
                + "706164646c6572"
        )
    }

    @Test("a piece of a body, and trailers")
    func pieces() {
        var response = ProcessingResponse.CommonResponse()
        response.body = .piece(ByteBuffer(string: "abc"), endsStream: true)
        #expect(hex(.requestBody(response, destination: nil)) == "1a0d0a0b1a091a070a036162631001")
        #expect(hex(.requestTrailers) == "2a00")
    }

    @Test("health is asked for by name, and told by a number")
    func health() throws {
        #expect(try HealthMessages.service(in: bytes("0a0161")) == "a")
        #expect(try HealthMessages.service(in: ByteBuffer()).isEmpty)
        #expect(HealthMessages.response(isServing: true) == bytes("0801"))
        #expect(HealthMessages.response(isServing: false) == bytes("0802"))
    }

    // MARK: - What is no message

    @Test(
        "what is no message is refused",
        arguments: [
            ("12", MalformedProtobuf.truncated), ("1234", .truncated), ("1205", .truncated), ("1b", .tag), ("02", .tag),
            ("00", .tag), ("09000000", .truncated), ("0d00", .truncated), ("08ffffffffffffffffffffff01", .number),
            ("12ffffffffffffffffff01", .truncated),
        ]
    )
    func malformed(hex: String, error: MalformedProtobuf) {
        #expect(throws: error) { _ = try ProcessingRequest(bytes(hex)) }
    }

    @Test("fields that aren't known, of all kinds, are passed over, and of a field that comes twice the last counts")
    func unknownFields() throws {
        let unknown = "a00601" + "a9060102030405060708" + "aa0603616263" + "ad0601020304"
        #expect(try ProcessingRequest(bytes(unknown + Self.body)) == ProcessingRequest(bytes(Self.body)))
        #expect(try ProcessingRequest(bytes(Self.head + Self.body)).part == ProcessingRequest(bytes(Self.body)).part)
    }

    @Test("whatever is done to a message, it is read or refused")
    func mutations() {
        var random = SplitMix64(seed: 20)
        var refused = 0
        for round in 0..<20_000 {
            var message = bytes([Self.head, Self.body, Self.failure][round % 3])
            for _ in 0...Int.random(in: 0..<4, using: &random) {
                let index = Int.random(in: 0..<message.writerIndex, using: &random)
                message.setInteger(UInt8.random(in: 0...255, using: &random), at: index)
            }
            if Bool.random(using: &random) {
                message.moveWriterIndex(to: Int.random(in: 0..<message.writerIndex, using: &random))
            }
            do { _ = try ProcessingRequest(message) } catch { refused += 1 }
        }
        #expect(refused > 1000 && refused < 20_000)
    }
}
