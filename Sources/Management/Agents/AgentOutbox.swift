import AgentProtocol
import Synchronization

/// What is still to be said to one agent.
///
/// Bounded by what it holds: a welcome, the wish for a poll (a flag, so that a slow connection collects one and not a
/// queue of them), that nothing runs any more (a flag, too) and the end.
final class AgentOutbox: Sendable {
    enum Item: Equatable {
        case message(BalancerMessage)
        case end
    }

    private struct Contents {
        var welcome: BalancerMessage?
        var wantsPoll = false
        var isDrained = false
        var end: End?
    }

    private struct End {
        var farewell: BalancerMessage?
    }

    private let contents = Mutex(Contents())
    /// Signals that there is something; one signal is enough for any number of things.
    private let signals: AsyncStream<Void>
    private let signal: AsyncStream<Void>.Continuation

    init() {
        (signals, signal) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    func welcome(_ message: BalancerMessage) {
        contents.withLock { $0.welcome = message }
        signal.yield()
    }

    func demandPoll() {
        contents.withLock { $0.wantsPoll = true }
        signal.yield()
    }

    /// Nothing runs any more on the upstream of this agent, which is about to stop.
    func tellDrained() {
        contents.withLock { $0.isDrained = true }
        signal.yield()
    }

    /// Nothing is said after this; the first end counts.
    func end(saying farewell: BalancerMessage? = nil) {
        contents.withLock { contents in
            guard contents.end == nil else { return }
            contents.end = End(farewell: farewell)
        }
        signal.yield()
    }

    /// Hands out what there is to say until the end has been reached or the task is cancelled.
    func forEachMessage(_ body: (BalancerMessage) async throws -> Void) async throws {
        for await _ in signals {
            while let item = next() {
                guard case .message(let message) = item else { return }
                try await body(message)
            }
        }
    }

    private func next() -> Item? {
        contents.withLock { contents in
            if let welcome = contents.welcome {
                contents.welcome = nil
                return .message(welcome)
            }
            if let end = contents.end {
                guard let farewell = end.farewell else { return .end }
                contents.end = End(farewell: nil)
                return .message(farewell)
            }
            if contents.isDrained {
                contents.isDrained = false
                return .message(.drained)
            }
            if contents.wantsPoll {
                contents.wantsPoll = false
                return .message(.poll)
            }
            return nil
        }
    }
}
