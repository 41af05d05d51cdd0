public import NIOCore
internal import NIOPosix
internal import Synchronization

/// Looks names up, each apart from all others: one that nobody answers for holds up nobody else.
///
/// Any thread may call it. The rules are ``NameCache``'s.
public final class NameResolver: Sendable {
    /// Resolvers block a thread for each name that they are asked for, at most once at a time. These are shared by the whole
    /// process, and started with the first name.
    private static let threads = {
        let pool = NIOThreadPool(numberOfThreads: 16)
        pool.start()
        return pool
    }()

    private struct State {
        var cache = NameCache<SocketAddress>()
        var waiting: [String: [Int: EventLoopPromise<[SocketAddress]>]] = [:]
        var nextWaiter = 0
    }

    private let state = Mutex(State())
    private let ask: @Sendable (String) -> [SocketAddress]

    /// - Parameter ask: blocks until the addresses of a name are known; returns none if there aren't any.
    public init(asking ask: @escaping @Sendable (String) -> [SocketAddress] = HostLookup.addresses) {
        self.ask = ask
    }

    /// The addresses of a name, with this port.
    ///
    /// Fails with ``NameLookupFailure``.
    public func addresses(of name: String, port: Int, on eventLoop: any EventLoop) -> EventLoopFuture<[SocketAddress]> {
        let promise = eventLoop.makePromise(of: [SocketAddress].self)
        let (answer, waiter) = state.withLock { state in
            let answer = state.cache.lookUp(name, at: .now())
            guard case .wait = answer else { return (answer, 0) }
            state.nextWaiter += 1
            state.waiting[name, default: [:]][state.nextWaiter] = promise
            return (answer, state.nextWaiter)
        }
        if case .wait(let moment, let asks) = answer {
            if asks { lookUp(name) }
            wait(for: name, waiter, until: moment, on: eventLoop)
        } else {
            promise.completeWith(Self.result(answer, name))
        }
        return promise.futureResult.map { addresses in
            addresses.map { address in
                var address = address
                address.port = port
                return address
            }
        }
    }

    /// To be called when no connection to a name came about: a server that was started again elsewhere is found there.
    public func doubt(_ name: String) {
        state.withLock { $0.cache.doubted(name, at: .now()) }
    }

    private func lookUp(_ name: String) {
        Self.threads.submit { [self] _ in
            let addresses = ask(name)
            let (answer, waiting) = state.withLock { state in
                let answer = state.cache.answered(name, addresses, at: .now())
                return (answer, state.waiting.removeValue(forKey: name) ?? [:])
            }
            for promise in waiting.values { promise.completeWith(Self.result(answer, name)) }
        }
    }

    private func wait(for name: String, _ waiter: Int, until moment: NIODeadline, on eventLoop: any EventLoop) {
        eventLoop.scheduleTask(deadline: moment) { [self] in
            guard state.withLock({ $0.waiting[name]?[waiter] != nil }) else { return }
            let answer = state.withLock { $0.cache.timePassed(name, at: .now()) }
            if case .wait(let moment, _) = answer { return wait(for: name, waiter, until: moment, on: eventLoop) }
            let promise = state.withLock { $0.waiting[name]?.removeValue(forKey: waiter) }
            promise?.completeWith(Self.result(answer, name))
        }
    }

    /// Those who wait get no answer: the event loops that they are on are about to end.
    public func end() {
        let waiting = state.withLock { state in
            defer { state.waiting = [:] }
            return state.waiting
        }
        for (name, promises) in waiting {
            for promise in promises.values { promise.fail(NameLookupFailure.noAnswer(name)) }
        }
    }

    private static func result(
        _ answer: NameCache<SocketAddress>.Answer,
        _ name: String
    ) -> Result<[SocketAddress], any Error> {
        switch answer {
        case .addresses(let addresses): .success(addresses)
        case .unknown: .failure(NameLookupFailure.unknown(name))
        case .noAnswer, .wait: .failure(NameLookupFailure.noAnswer(name))
        }
    }
}
