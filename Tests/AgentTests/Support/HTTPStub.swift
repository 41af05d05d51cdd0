import LlamaServer
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import Testing

/// A listener on a loopback port whose connections are HTTP/1.1.
struct HTTPStub: Sendable {
    let channel: any Channel
    let address: NetworkAddress

    /// - Parameter makeHandler: called for each connection.
    static func listen(
        port: Int = 0,
        tls: TLSConfiguration? = nil,
        makeHandler: @escaping @Sendable () -> any ChannelHandler & Sendable
    ) async throws -> HTTPStub {
        let context = try tls.map { try NIOSSLContext(configuration: $0) }
        let channel = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    if let context { try pipeline.addHandler(NIOSSLServerHandler(context: context)) }
                    try pipeline.configureHTTPServerPipeline(withPipeliningAssistance: false)
                    try pipeline.addHandler(makeHandler())
                }
            }
            .bind(host: "127.0.0.1", port: port)
            .get()
        let port = try #require(channel.localAddress?.port)
        return HTTPStub(channel: channel, address: NetworkAddress(host: "127.0.0.1", port: port))
    }

    func close() async throws {
        try await channel.close()
    }
}
