import LlamaServer
import NIOCore
import NIOPosix

/// A listener to which connections are neither opened nor refused: its backlog is full.
struct DeafListener: Sendable {
    let address: NetworkAddress
    private let channel: any Channel
    private let fillers: [RawConnection]

    static func start() async throws -> DeafListener {
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.backlog, value: 1)
            .serverChannelOption(.autoRead, value: false)
            .bind(host: "127.0.0.1", port: 0)
            .get()
        let address = NetworkAddress(host: "127.0.0.1", port: channel.localAddress?.port ?? 0)
        // Linux takes one more than the backlog says.
        let fillers = [try await RawConnection.connect(to: address), try await RawConnection.connect(to: address)]
        return DeafListener(address: address, channel: channel, fillers: fillers)
    }

    func stop() async throws {
        try await channel.close()
        for filler in fillers { await filler.close() }
    }
}
