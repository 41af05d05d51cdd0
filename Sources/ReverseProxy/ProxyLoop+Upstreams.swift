import FleetMetrics
import LlamaServer
import NIOCore
import NIOPosix
import NameResolution
import Scheduling
import TransportSecurity

// Connections to upstreams.

extension ProxyLoop {
    func learn(_ prefix: PathPrefix) {
        let bytes = Array(prefix.text.utf8)
        guard !pathPrefixes.contains(bytes) else { return }
        pathPrefixes.append(bytes)
        pathPrefixes.sort { $0.count > $1.count }
    }

    func pool(for upstream: UpstreamID, by route: UpstreamRoute) -> UpstreamPool {
        if let pool = pools[upstream] {
            if pool.route == route { return pool }
            // It is reached in another way now.
            retire(pool)
        }
        let pool = UpstreamPool(upstream: upstream, route: route, configuration: configuration)
        pools[upstream] = pool
        return pool
    }

    func retire(_ pool: UpstreamPool) {
        pools[pool.upstream] = nil
        pool.retire()
        metrics.former.add(pool.metrics)
    }

    func connect(to pool: UpstreamPool, then body: @escaping (Result<UpstreamConnection, any Error>) -> Void) {
        let bound = NIOLoopBound((loop: self, pool: pool), eventLoop: eventLoop)
        pool.metrics.connectionsOpened += 1
        let bootstrap = ClientBootstrap(group: eventLoop)
            .connectTimeout(TimeAmount(configuration.timeouts.connect))
            .proxyOptions(isTCP: pool.route.address.socketPath == nil)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let (loop, pool) = bound.value
                    let pipeline = channel.pipeline.syncOperations
                    if pool.route.usesTLS { try pipeline.addHandler(loop.tls.handler(for: pool.route)) }
                    try pipeline.addHandler(UpstreamConnection(pool: pool, loop: loop))
                }
            }
        connected(bootstrap, to: pool.route.address, pool.socketAddress).assumeIsolated()
            .flatMapThrowing { channel in
                try channel.pipeline.syncOperations.handler(type: UpstreamConnection.self)
            }
            .whenComplete { result in
                switch result {
                case .success(let connection): connection.whenReady(body)
                case .failure(let error): body(.failure(error))
                }
            }
    }

    /// What the lookup of a name takes isn't counted as time of connecting.
    ///
    /// - Parameter socketAddress: the same address, unless its host is a name.
    func connected(
        _ bootstrap: ClientBootstrap,
        to address: NetworkAddress,
        _ socketAddress: SocketAddress?
    ) -> EventLoopFuture<any Channel> {
        if let socketAddress { return bootstrap.connect(to: socketAddress) }
        return names.addresses(of: address.host, port: address.port, on: eventLoop).assumeIsolated()
            .flatMap { [eventLoop, names] addresses in
                let connected = bootstrap.resolver(ResolvedName(addresses, on: eventLoop))
                    .connect(host: address.host, port: address.port)
                connected.whenFailure { _ in names.doubt(address.host) }
                return connected
            }
            .nonisolated()
    }
}
