import LlamaServer
import NIOCore
import Scheduling

/// The way into a ``ProxyLoop`` from other threads.
struct LoopPort: Sendable {
    let eventLoop: any EventLoop
    let loop: NIOLoopBound<ProxyLoop>

    func dispatch(_ lease: Lease) {
        // Mostly a slot that this loop's own answer has left: its next request goes out before that answer's end does.
        if eventLoop.inEventLoop { return loop.value.dispatchLater(lease) }
        eventLoop.execute { loop.value.dispatched(lease) }
    }

    func send(_ request: RequestID, _ upstream: UpstreamID, _ route: UpstreamRoute) {
        eventLoop.execute { loop.value.serverFound(for: request, upstream, route) }
    }

    func learn(_ prefix: PathPrefix) {
        eventLoop.execute { loop.value.learn(prefix) }
    }

    func cooled(_ request: RequestID) {
        // Later than what the handler that now runs says of the request's end.
        eventLoop.execute { loop.value.slotsGivenBack(1, of: request) }
    }

    func reject(_ request: RequestID, _ rejection: Rejection) {
        eventLoop.execute { loop.value.rejected(request, rejection) }
    }
}
