import Dispatch
import NIOCore
import NameResolution

extension NameResolver {
    /// Every name means 127.0.0.1.
    static var loopback: NameResolver { NameResolver(asking: loopback) }

    /// So does this one, but for names that begin with `slow`: nobody answers for these until `end` is signalled.
    static func loopback(slowUntil end: DispatchSemaphore) -> NameResolver {
        NameResolver { name in
            guard name.hasPrefix("slow") else { return loopback(name) }
            end.wait()
            end.signal()
            return []
        }
    }

    private static func loopback(_ name: String) -> [SocketAddress] {
        [try? SocketAddress(ipAddress: "127.0.0.1", port: 0)].compactMap(\.self)
    }
}
