import LlamaServer
import Logging
import NIOCore
import NIOPosix
import NetworkFailures
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A listener of the agent's own, for those who ask it something.
///
/// Each connection carries one answer.
struct AgentListener: Sendable {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    /// What a listener is there for.
    enum Purpose: String {
        case status = "status"
        case agentCheck = "agent-check"

        fileprivate var inWords: String {
            switch self {
            case .status: "the agent's status"
            case .agentCheck: "HAProxy's agent-check"
            }
        }
    }

    /// Of more the oldest is closed.
    static let mostConnections = 64
    /// How long a connection may take for a request, and to take the answer.
    static let silenceLimit = TimeAmount.seconds(10)

    private let channel: any Channel
    /// With the port that the system chose, if it was to choose one.
    let address: NetworkAddress

    /// - Parameters:
    ///   - address: nil: nowhere.
    ///   - answering: adds what answers to a connection's pipeline, on its event loop.
    /// - Throws: ``Failure`` when the address can't be listened on.
    static func listen(
        on address: NetworkAddress?,
        for purpose: Purpose,
        logger: Logger,
        answering: @escaping @Sendable (ChannelPipeline.SynchronousOperations) throws -> Void
    ) async throws -> AgentListener? {
        guard let address else { return nil }
        let connections = Connections()
        let bootstrap = ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                connections.add(channel)
                return channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    try pipeline.addHandler(IdleStateHandler(allTimeout: silenceLimit))
                    try answering(pipeline)
                }
            }
        let listener: AgentListener
        do {
            let channel = try await bootstrap.bind(host: address.host, port: address.port).get()
            let port = channel.localAddress?.port ?? address.port
            listener = AgentListener(channel: channel, address: NetworkAddress(host: address.host, port: port))
        } catch {
            throw Failure(description: "cannot listen on \(address) for \(purpose.inWords): \(reason(error))")
        }
        logger.info("listening", metadata: ["listener": "\(purpose.rawValue)", "address": "\(listener.address)"])
        return listener
    }

    /// Answers that are being sent go on.
    func close() async {
        try? await channel.close()
    }

    private static func reason(_ error: any Error) -> String {
        switch (error as? IOError)?.errnoCode {
        case EADDRINUSE: "address already in use (is another agent running? choose another port, or leave it out)"
        case EACCES: "permission denied (a port below 1024 needs a privilege)"
        case EADDRNOTAVAIL: "this machine has no such address"
        default:
            error is SocketAddressError || error is SocketAddressError.UnknownHost
                ? "this name does not resolve to an address" : NetworkFailure.inWords(error)
        }
    }

    /// Whoever connects and says nothing keeps nobody else from an answer.
    private final class Connections: Sendable {
        /// Oldest first.
        private let open = Mutex<[any Channel]>([])

        func add(_ channel: any Channel) {
            let oldest = open.withLock { open in
                defer { open.append(channel) }
                return open.count < mostConnections ? nil : open.removeFirst()
            }
            channel.closeFuture.whenComplete { _ in self.remove(channel) }
            oldest?.close(promise: nil)
        }

        private func remove(_ channel: any Channel) {
            open.withLock { $0.removeAll { $0 === channel } }
        }
    }
}
