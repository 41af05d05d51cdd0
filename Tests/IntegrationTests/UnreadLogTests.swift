import Foundation
import LoopbackPorts
import Testing

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// A log whose reader has stopped: a stalled collector, a terminal with Ctrl-S.
@Suite("A log that nobody reads", .serialized)
struct UnreadLogTests {
    @Test("it holds up neither clients nor operators nor the end of the process")
    func unread() async throws {
        try await withTemporaryFolder { folder in
            let path = folder.appendingPathComponent("log").path
            #expect(mkfifo(path, 0o600) == 0)
            // Open for both, so that neither end waits for the other, and full before the first line.
            let log = open(path, O_RDWR | O_NONBLOCK)
            defer { close(log) }
            let filling = [UInt8](repeating: 0x78, count: 4096)
            while write(log, filling, filling.count) > 0 {}

            let ports = (proxy: try ReservedPort(), management: try ReservedPort())
            let balancer = try ChildProcess(
                "/bin/sh",
                [
                    "-c", #"exec "$0" "$@" 2>"$LOG""#, BuiltProducts.executable("paddler"), "balancer",
                    "--reverseproxy-port", "\(ports.proxy.port)", "--management-port", "\(ports.management.port)",
                ],
                environment: ["LOG": path]
            )
            for port in [ports.proxy.port, ports.management.port] {
                try await eventually("an answer at port \(port)", equals: 200) {
                    (try? await RawClient.exchange("GET", "/health", port: port))?.status ?? 0
                }
            }
            balancer.signal(SIGTERM)
            #expect(try await balancer.waitUntilExit() == .code(0))
        }
    }
}
