/// Plays an upstream: notes every request that comes, and answers it.
final class RecordingUpstream: Sendable {
    struct Answer: Sendable {
        var bytes: [UInt8]
        var pieces = 1
        /// Whether the connection is closed behind it.
        var closes = false
    }

    private let requests = Inbox<[Message]>([])

    /// Until its task is cancelled.
    func serve(_ upstream: ScriptedUpstream, answer: @escaping @Sendable (Message) -> Answer) async {
        await withDiscardingTaskGroup { group in
            while let connection = try? await upstream.accept() {
                group.addTask { await self.serve(connection, answer) }
            }
        }
    }

    /// What came since this was last called.
    func takeRequests() async throws -> [Message] {
        try await requests.first { requests in
            defer { requests = [] }
            return requests
        }
    }

    private func serve(_ connection: RawConnection, _ answer: (Message) -> Answer) async {
        do {
            while true {
                let request = try await connection.readMessage()
                requests.change { $0.append(request) }
                let answer = answer(request)
                connection.begin(sending: answer.bytes, pieces: answer.pieces)
                if answer.closes { return try await connection.finish() }
            }
        } catch let error as RawConnection.EndedEarly where !error.received.isEmpty {
            requests.change { $0.append(Message(head: "a part of a request: \(error.received)")) }
        } catch {
            // The connection, or the test, is over.
        }
    }
}

/// The status of each final answer in what a client received.
func statuses(in text: String) -> [Int] {
    text.matches(of: /HTTP\/1\.1 ([2-9][0-9][0-9])\s/).compactMap { Int($0.output.1) }
}
