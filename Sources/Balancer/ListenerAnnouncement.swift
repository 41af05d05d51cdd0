import LlamaServer
import Logging
import NIOCore
import Synchronization

/// Says where the balancer listens, once it listens everywhere: who reads the first line can use both doors.
final class ListenerAnnouncement: Sendable {
    private let wanted: [Listener: NetworkAddress]
    private let speakTLS: Set<Listener>
    private let bound = Mutex<[Listener: NetworkAddress]>([:])
    private let standsByAlready = Atomic(false)
    private let logger: Logger
    private let onListening: (@Sendable (ListeningAddresses) -> Void)?
    private let onReady: (@Sendable () -> Void)?

    /// - Parameters:
    ///   - wanted: where each listener shall listen.
    ///   - speakTLS: those that do.
    ///   - onListening: called when all do, before `onReady`.
    ///   - onReady: called when all do; when it stands by, then already, too.
    init(
        wanted: [Listener: NetworkAddress],
        speakTLS: Set<Listener> = [],
        logger: Logger,
        onListening: (@Sendable (ListeningAddresses) -> Void)? = nil,
        onReady: (@Sendable () -> Void)? = nil
    ) {
        self.wanted = wanted
        self.speakTLS = speakTLS
        self.logger = logger
        self.onListening = onListening
        self.onReady = onReady
    }

    func bound(_ listener: Listener, at address: NetworkAddress) {
        let all = bound.withLock { bound in
            bound[listener] = address
            return bound
        }
        guard all.count == wanted.count else { return }
        for listener in Listener.allCases {
            guard let address = all[listener] else { continue }
            logger.info(
                "listening",
                metadata: [
                    "listener": "\(listener.rawValue)", "address": "\(address)",
                    "scheme": speakTLS.contains(listener) ? "https" : "http",
                ]
            )
        }
        if let reverseProxy = all[.reverseProxy], let management = all[.management] {
            onListening?(ListeningAddresses(reverseProxy: reverseProxy, management: management))
        }
        onReady?()
    }

    /// Another balancer has the management port: this one is as ready as it can be. Once is enough.
    func standsBy() {
        guard !standsByAlready.exchange(true, ordering: .relaxed) else { return }
        logger.info("standing by until another balancer gives its ports up")
        onReady?()
    }

    /// Where it listens; nil: not yet.
    func address(of listener: Listener) -> NetworkAddress? {
        bound.withLock { $0[listener] }
    }

    /// Whether the balancer itself listens there.
    func isOwn(_ address: NetworkAddress) -> Bool {
        let listeners = bound.withLock { Array($0.values) }
        guard listeners.contains(where: { $0.port == address.port }) else { return false }
        let devices = (try? System.enumerateDevices()) ?? []
        let machine = Set(devices.compactMap { $0.address?.ipAddress })
        return OwnListeners(listeners: listeners, machine: machine).contains(address)
    }

    /// Tells a listener's failure to start, which becomes a ``ListenFailure``, from its failures later on.
    func telling<Value>(_ listener: Listener, _ body: () async throws -> Value) async throws -> Value {
        do {
            return try await body()
        } catch {
            let isBound = bound.withLock { $0[listener] != nil }
            guard !isBound, !(error is CancellationError), let address = wanted[listener] else { throw error }
            throw ListenFailure(listener: listener, address: address, cause: error)
        }
    }
}
