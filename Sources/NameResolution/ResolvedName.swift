public import NIOCore
public import NIOPosix

/// A resolver that knows the answer: for a bootstrap that is to try the addresses of a name which was looked up before, in
/// the order of RFC 8305. The time that it gives a connection isn't spent on the lookup then.
public struct ResolvedName: Resolver, Sendable {
    private let addresses: [SocketAddress]
    private let eventLoop: any EventLoop

    /// - Parameter eventLoop: the connection's.
    public init(_ addresses: [SocketAddress], on eventLoop: any EventLoop) {
        self.addresses = addresses
        self.eventLoop = eventLoop
    }

    public func initiateAQuery(host: String, port: Int) -> EventLoopFuture<[SocketAddress]> {
        eventLoop.makeSucceededFuture(addresses.filter { $0.protocol == .inet })
    }

    public func initiateAAAAQuery(host: String, port: Int) -> EventLoopFuture<[SocketAddress]> {
        eventLoop.makeSucceededFuture(addresses.filter { $0.protocol == .inet6 })
    }

    public func cancelQueries() {}
}
