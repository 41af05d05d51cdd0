@testable import ReverseProxy

/// Runs `body` with a proxy that lets clients speak HTTP/2 without TLS, and one that does.
func withHTTP2(
    slots: [Int] = [1],
    settings: [(id: UInt16, value: UInt32)] = [],
    _ habits: HTTP2Peer.Habits = HTTP2Peer.Habits(),
    _ configure: (inout TestProxy.Options) -> Void = { _ in },
    _ body: (TestProxy, HTTP2Peer) async throws -> Void
) async throws {
    try await withProxy(slots: slots) {
        $0.proxy.speaksHTTP2WithoutTLS = true
        configure(&$0)
    } _: { proxy in
        let peer = try await HTTP2Peer.connect(to: proxy.running.address, settings: settings, habits)
        do {
            try await body(proxy, peer)
        } catch {
            await peer.close()
            throw error
        }
        await peer.close()
    }
}

extension TestProxy {
    /// A request that occupies a slot, and the connection on which the first upstream has read it.
    func ask(
        _ peer: HTTP2Peer,
        _ body: String = "{}",
        on stream: Int = 1
    ) async throws -> (request: Message, upstream: RawConnection) {
        try await peer.complete(body, on: stream)
        let upstream = try await upstreams[0].accept()
        return (try await upstream.readMessage(), upstream)
    }
}
