import LlamaServer
import Logging
import NIOCore
import NIOEmbedded

@testable import ReverseProxy

extension ProxyLoop {
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
            logger: .silent
        )
        dispatcher.attach([LoopPort(eventLoop: eventLoop, loop: NIOLoopBound(loop, eventLoop: eventLoop))])
        return loop
    }
}
