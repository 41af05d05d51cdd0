import NIOCore

/// Waits for a handshake, whose end is told by events of several kinds: the first one counts.
final class TLSHandshake {
    private var promise: EventLoopPromise<Void>?
    let future: EventLoopFuture<Void>

    init(on eventLoop: any EventLoop) {
        let promise = eventLoop.makePromise(of: Void.self)
        self.promise = promise
        future = promise.futureResult
    }

    func succeed() {
        promise.take()?.succeed()
    }

    func fail(_ error: any Error) {
        promise.take()?.fail(error)
    }
}
