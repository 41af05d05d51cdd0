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

    @Test("of a stream that never pauses no more is kept than what isn't used yet")
    func endless() throws {
        var messages = GRPCMessages(limit: 1000)
        let message = GRPCMessages.framed(ByteBuffer(repeating: 7, count: 1000))
        var held: [ByteBuffer] = []
        messages.append(message.getSlice(at: 0, length: 3)!)
        // Each piece ends one message and begins the next.
        var piece = message.getSlice(at: 3, length: message.readableBytes - 3)!
        piece.writeImmutableBuffer(message.getSlice(at: 0, length: 3)!)
        for _ in 0..<5000 {
            messages.append(piece)
            held = [try #require(try messages.next())]
            #expect(messages.unfinishedBytes == 3)
        }
        // It shares its memory with what is to come.
        #expect(held[0].storageCapacity <= 16 << 10)
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
