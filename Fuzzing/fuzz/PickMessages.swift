import ExtProcMessages
import NIOCore
import PickRules

/// What an Envoy tells an endpoint picker: a stream of gRPC in pieces is the same as at once, and whatever comes, a conversation
/// answers it or ends. The first byte says how large the pieces are.
enum PickMessages {
    static func run(_ input: [UInt8]) {
        guard let first = input.first else { return }
        let bytes = ByteBuffer(bytes: input.dropFirst())
        let whole = messages(in: bytes, of: max(bytes.readableBytes, 1))
        guard messages(in: bytes, of: Int(first % 16) + 1) == whole else {
            finding("other messages when they come in pieces")
        }
        var conversation = PickConversation(comesAgain: true)
        for message in whole {
            guard let request = try? ProcessingRequest(message), let (event, _) = try? conversation.received(request)
            else {
                break
            }
            if case .begins = event { _ = conversation.tookHead() }
            let answers = conversation.pick(Pick("10.0.0.1:80"))
            guard answers.isEmpty || !conversation.takesPick else { finding("picked, and may be picked again") }
        }
        _ = conversation.ended()
        guard conversation.ended() == .nothing else { finding("a stream ends twice") }
    }

    private static func messages(in bytes: ByteBuffer, of size: Int) -> [ByteBuffer] {
        var reader = GRPCMessages(limit: 4096)
        var rest = bytes
        var messages: [ByteBuffer] = []
        do {
            while rest.readableBytes > 0, let piece = rest.readSlice(length: min(size, rest.readableBytes)) {
                reader.append(piece)
                while let message = try reader.next() { messages.append(message) }
            }
        } catch {
            // What came before counts.
        }
        return messages
    }
}
