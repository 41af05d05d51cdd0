import Dispatch
import NIOCore
import Testing

@testable import ReverseProxy

/// Holds a proxy's only event loop, so that several things have happened when it looks again; it then meets them in the
/// order in which they happened.
struct LoopPause: Sendable {
    private let semaphore = DispatchSemaphore(value: 0)

    static func begin(on proxy: TestProxy) async throws -> LoopPause {
        let pause = LoopPause()
        let port = try #require(proxy.running.loops.first)
        await withCheckedContinuation { continuation in
            port.eventLoop.execute {
                continuation.resume()
                pause.semaphore.wait()
            }
        }
        return pause
    }

    func end() {
        semaphore.signal()
    }
}
