import LlamaServer
import Logging
import NIOCore
import NIOHTTP1
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

/// The agent's own listener, for those who ask whether it runs and what it sees.
///
/// Each connection carries one answer. It goes on while the agent drains.
struct StatusServer: Sendable {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    /// More are closed unheard.
    static let mostConnections = 64
    /// How long a connection may take for a request, and to take the answer.
    static let silenceLimit = TimeAmount.seconds(10)

    private let channel: any Channel
    /// With the port that the system chose, if it was to choose one.
    let address: NetworkAddress

    /// - Parameter answer: called on the connection's event loop.
    /// - Throws: ``Failure`` when the address can't be listened on.
    static func listen(
        on address: NetworkAddress,
        answer: @escaping @Sendable (HTTPRequestHead) -> StatusAnswer
    ) async throws -> StatusServer {
        let connections = ConnectionCount()
        let bootstrap = ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                guard connections.add(upTo: mostConnections) else { return channel.close() }
                channel.closeFuture.whenComplete { _ in connections.remove() }
                return channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    try pipeline.addHandler(IdleStateHandler(allTimeout: silenceLimit))
                    try pipeline.configureHTTPServerPipeline(withPipeliningAssistance: false)
                    try pipeline.addHandler(StatusHandler(answer: answer))
                }
            }
        do {
            let channel = try await bootstrap.bind(host: address.host, port: address.port).get()
            let port = channel.localAddress?.port ?? address.port
            return StatusServer(channel: channel, address: NetworkAddress(host: address.host, port: port))
        } catch {
            throw Failure(description: "cannot listen on \(address) for the agent's status: \(reason(error))")
        }
    }

    /// - Parameters:
    ///   - address: nil: nowhere.
    ///   - overview: its JSON.
    /// - Throws: ``Failure`` when the address can't be listened on.
    static func listen(
        on address: NetworkAddress?,
        logger: Logger,
        overview: @escaping @Sendable () -> [UInt8]
    ) async throws -> StatusServer? {
        guard let address else { return nil }
        let server = try await listen(on: address) { StatusAnswer(to: $0, overview: overview) }
        logger.info("listening", metadata: ["listener": "status", "address": "\(server.address)"])
        return server
    }

    /// Answers that are being sent go on.
    func close() async {
        try? await channel.close()
    }

    private static func reason(_ error: any Error) -> String {
        switch (error as? IOError)?.errnoCode {
        case EADDRINUSE: "address already in use (is another agent running? choose another port, or no status server)"
        case EACCES: "permission denied (a port below 1024 needs a privilege)"
        case EADDRNOTAVAIL: "this machine has no such address"
        default:
            error is SocketAddressError || error is SocketAddressError.UnknownHost
                ? "this name does not resolve to an address" : NetworkFailure.inWords(error)
        }
    }

    private final class ConnectionCount: Sendable {
        private let count = Mutex(0)

        func add(upTo most: Int) -> Bool {
            count.withLock { count in
                guard count < most else { return false }
                count += 1
                return true
            }
        }

        func remove() {
            count.withLock { $0 -= 1 }
        }
    }
}
