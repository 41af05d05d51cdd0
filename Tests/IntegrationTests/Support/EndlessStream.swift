import Synchronization

/// A stream that goes on until its client leaves, read all the time so that nothing piles up on its way.
final class EndlessStream: Sendable {
    private final class Tally: Sendable {
        let bytes = Mutex(0)
    }

    private let client: RawClient
    private let received: Tally
    private let reading: Task<Void, any Error>

    /// Returns when the answer has begun.
    init(port: Int) async throws {
        let client = try await Chat.endlessStream.start(port: port)
        let head = try await client.read(until: "\r\n\r\n", within: .seconds(60))
        guard head.hasPrefix("HTTP/1.1 200 ") else { throw HarnessFailure(description: head) }
        let received = Tally()
        self.client = client
        self.received = received
        // Ends with the connection, on whichever side.
        reading = Task {
            while case .bytes(let bytes) = try await client.receive(within: .seconds(120)) {
                received.bytes.withLock { $0 += bytes.count }
            }
        }
    }

    func leave() async {
        reading.cancel()
        await client.close()
    }

    /// Waits until more of the answer has come than there is now.
    func waitForMore() async throws {
        let before = received.bytes.withLock { $0 }
        try await eventually("more of a stream than \(before) bytes") { received.bytes.withLock { $0 } > before }
    }
}
