import NIOCore
import Testing

@testable import ExtProcMessages

@Suite("Messages of a stream of gRPC")
struct GRPCMessagesTests {
    private let two: ByteBuffer = {
        var bytes = GRPCMessages.framed(ByteBuffer(string: "abc"))
        bytes.writeImmutableBuffer(GRPCMessages.framed(ByteBuffer()))
        return bytes
    }()

    @Test("they may come in any pieces", arguments: 1...13)
    func pieces(size: Int) throws {
        var messages = GRPCMessages(limit: 3)
        var rest = two
        var read: [String] = []
        while rest.readableBytes > 0 {
            messages.append(rest.readSlice(length: min(size, rest.readableBytes))!)
            while let message = try messages.next() { read.append(String(buffer: message)) }
        }
        #expect(read == ["abc", ""])
    }

    @Test("one that is longer than may be is refused before it has come")
    func tooLong() {
        var messages = GRPCMessages(limit: 2)
        messages.append(two.getSlice(at: 0, length: 5)!)
        #expect(throws: GRPCMessages.Failure.tooLong(limit: 2)) { _ = try messages.next() }
    }

    @Test("one that is compressed is refused")
    func compressed() {
        var messages = GRPCMessages(limit: 9)
        messages.append(ByteBuffer(bytes: [1, 0, 0, 0, 0]))
        #expect(throws: GRPCMessages.Failure.compressed) { _ = try messages.next() }
    }
}
