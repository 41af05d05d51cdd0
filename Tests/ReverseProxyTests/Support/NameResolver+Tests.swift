import Dispatch
import NIOCore
import NameResolution
import Synchronization

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

    /// Every name means the first address when it is looked up first, and then the other.
    static func moving(from first: String, to other: String) -> NameResolver {
        let hasMoved = Mutex(false)
        return NameResolver { _ in
            let address = hasMoved.withLock { hasMoved in
                defer { hasMoved = true }
                return hasMoved ? other : first
            }
            return [try? SocketAddress(ipAddress: address, port: 0)].compactMap(\.self)
        }
    }

    private static func loopback(_ name: String) -> [SocketAddress] {
        [try? SocketAddress(ipAddress: "127.0.0.1", port: 0)].compactMap(\.self)
    }
}
