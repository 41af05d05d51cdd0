import Synchronization

/// Clients that ask again and again, every other one for a stream, each on a connection of its own, until they are told to
/// stop. Each answer is checked.
final class SteadyLoad: Sendable {
    struct Result: Sendable {
        var answered = 0
        var failures: [String] = []
    }

    /// An end of its own, should nobody tell it to stop.
    static let mostRequests = 20_000

    private static let tokens = 8
    private static let tokenMilliseconds = 20

    private let port: Int
    private let isStopped = Atomic(false)
    private let result = Mutex(Result())

    /// About 160 ms pass in each request, so that eight clients make 50 requests a second.
    static func run(clients: Int = 8, port: Int, during body: (SteadyLoad) async throws -> Void) async throws -> Result
    {
        let load = SteadyLoad(port: port)
        try await withThrowingDiscardingTaskGroup { group in
            for client in 0..<clients {
                group.addTask { await load.ask(beginningWith: client) }
            }
            defer { load.isStopped.store(true, ordering: .relaxed) }
            try await body(load)
        }
        return load.result.withLock { $0 }
    }

    /// Waits for so many more answers, whole or not.
    func waitForMore(_ count: Int) async throws {
        let before = result.withLock { $0.answered + $0.failures.count }
        try await eventually("\(count) answers more than \(before)", within: .seconds(60)) {
            result.withLock { $0.answered + $0.failures.count } >= before + count
        }
    }

    private init(port: Int) {
        self.port = port
    }

    private func ask(beginningWith first: Int) async {
        var number = first
        while !isStopped.load(ordering: .relaxed) {
            let failure = await failureOfOne(isStream: number.isMultiple(of: 2))
            let isOver = result.withLock { result in
                if let failure { result.failures.append(failure) } else { result.answered += 1 }
                return result.answered + result.failures.count >= Self.mostRequests
            }
            guard !isOver else { return }
            number += 1
        }
    }

    /// - Returns: what is wrong with the answer; nil if it is whole.
    private func failureOfOne(isStream: Bool) async -> String? {
        do {
            let headers =
                isStream
                ? ["X-Fake-Tokens": "\(Self.tokens)", "X-Fake-Token-Delay-Ms": "\(Self.tokenMilliseconds)"]
                : ["X-Fake-Delay-Ms": "\(Self.tokens * Self.tokenMilliseconds)", "X-Fake-Token-Delay-Ms": "0"]
            let reply = try await RawClient.exchange(
                "POST",
                "/v1/chat/completions",
                port: port,
                headers: headers,
                body: isStream ? #"{"stream":true}"# : "{}",
                within: .seconds(60)
            )
            guard reply.status == 200, reply.endedCleanly else { return "\(reply)" }
            guard isStream else { return nil }
            // The tokens, the reason of the end, and the end.
            let isWhole = reply.events.count == Self.tokens + 2 && reply.events.last == "[DONE]"
            return isWhole ? nil : "\(reply)"
        } catch {
            return "\(error)"
        }
    }
}
