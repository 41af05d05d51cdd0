import LlamaServer
import NIOCore
import NIOPosix
import NameResolution

/// From names to IP addresses, for balancers that read no names.
enum AddressResolution {
    /// - Returns: an address with the name's first IPv4 address, or else its first IPv6 address, which is what 1.x's own
    ///   agents told; an IP address as it is.
    static func resolved(_ address: NetworkAddress) async throws -> NetworkAddress {
        guard (try? SocketAddress(ipAddress: address.host, port: address.port)) == nil else { return address }
        return try await NIOThreadPool.singleton.runIfActive {
            let addresses = HostLookup.addresses(of: address.host)
            guard let first = addresses.first(where: { $0.protocol == .inet }) ?? addresses.first,
                let host = first.ipAddress
            else {
                throw NameLookupFailure.unknown(address.host)
            }
            return NetworkAddress(host: host, port: address.port)
        }
    }
}
