import LlamaServer
import NIOCore
import NIOPosix
import NIOSSL

/// A listener whose connections a test plays by hand.
final class ScriptedUpstream: Sendable {
    let address: NetworkAddress
    private let channel: any Channel
    private let accepted: Inbox<[RawConnection]>

    private init(_ channel: any Channel, _ accepted: Inbox<[RawConnection]>) {
        self.channel = channel
        self.accepted = accepted
        address =
            if let path = channel.localAddress?.pathname {
                NetworkAddress(host: "unix:" + path, port: 0)
            } else {
                NetworkAddress(host: "127.0.0.1", port: channel.localAddress?.port ?? 0)
            }
    }

    /// - Parameters:
    ///   - reads: false: what it is sent stays where it is until a test resumes the reading.
    ///   - tls: nil: it speaks none.
    ///   - socketPath: of a UNIX domain socket to listen on, instead of a port.
    static func start(
        reads: Bool = true,
        tls: TLSConfiguration? = nil,
        socketPath: String? = nil
    ) async throws -> ScriptedUpstream {
        let context = try tls.map { try NIOSSLContext(configuration: $0) }
        let accepted = Inbox<[RawConnection]>([])
        let bootstrap = ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelOption(.autoRead, value: reads)
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    if let context {
                        try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: context))
                    }
                    let connection = try RawConnection.adding(to: channel)
                    accepted.change { $0.append(connection) }
                }
            }
        let channel =
            if let socketPath {
                try await bootstrap.bind(unixDomainSocketPath: socketPath, cleanupExistingSocketFile: true).get()
            } else {
                try await bootstrap.childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
                    .bind(host: "127.0.0.1", port: 0).get()
            }
        return ScriptedUpstream(channel, accepted)
    }

    /// The next connection that was opened.
    func accept() async throws -> RawConnection {
        try await accepted.first { $0.isEmpty ? nil : $0.removeFirst() }
    }

    /// Those that were opened and not asked for.
    func closeAccepted() async throws {
        let connections = try await accepted.first { connections -> [RawConnection]? in
            defer { connections = [] }
            return connections
        }
        for connection in connections { await connection.close() }
    }

    /// From now on nobody listens there.
    func stop() async throws {
        try await channel.close()
    }
}
