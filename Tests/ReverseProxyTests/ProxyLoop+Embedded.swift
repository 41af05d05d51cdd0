import LlamaServer
import Logging
import NIOCore
import NIOEmbedded
import NameResolution

@testable import ReverseProxy

extension ProxyLoop {
    /// One for all, so that what they write can be compared.
    private static let name = ProxyName()

    /// One without sockets.
    static func embedded(_ eventLoop: EmbeddedEventLoop, _ dispatcher: Dispatcher) throws -> ProxyLoop {
        let loop = ProxyLoop(
            index: 0,
            eventLoop: eventLoop,
            configuration: ReverseProxyConfiguration(address: .init(host: "127.0.0.1", port: 0)),
            dispatcher: dispatcher,
            budget: ByteBudget(limit: 1 << 20),
            connections: ConnectionCount(limit: 1000),
            tls: try UpstreamTLS(caFile: nil),
            names: NameResolver(),
            logger: .silent,
            name: name
        )
        dispatcher.attach([LoopPort(eventLoop: eventLoop, loop: NIOLoopBound(loop, eventLoop: eventLoop))])
        return loop
    }
}
