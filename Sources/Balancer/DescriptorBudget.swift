import Management
import ReverseProxy

/// Which listener may have how many connections, such that the process never runs out of descriptors.
///
/// Without a descriptor left nothing can be accepted and nothing connected, and some of the libraries below us end the
/// process: so it must not come to that.
struct DescriptorBudget: Equatable {
    /// Connections of agents and operators.
    let management: Int
    /// Connections of clients.
    let clients: Int

    /// A client has its own descriptor, one towards its upstream, and one towards another may be kept for later.
    static let descriptorsPerClient = 3
    /// For a chat in the dashboard there is another connection, to our own reverse proxy.
    static let descriptorsPerManagement = 2
    /// An event loop has three descriptors; what reads files, asks for addresses and logs needs some now and then.
    private static let descriptorsPerThread = 4
    private static let otherDescriptors = 64

    /// - Parameters:
    ///   - descriptors: how many the process may have open.
    ///   - threads: of the reverse proxy.
    ///   - wanted: connections of clients; nil: as many as there are descriptors for.
    /// - Throws: ``DescriptorShortage``.
    init(descriptors: Int, threads: Int, wanted: Int?) throws(DescriptorShortage) {
        let fixed =
            Self.otherDescriptors + Self.descriptorsPerThread * (threads + 1)
            + ReverseProxyConfiguration.maximumRefusedConnections
        let free = max(0, descriptors - fixed)
        management = min(ManagementServer.mostConnections, free / 8)
        let most = (free - management * Self.descriptorsPerManagement) / Self.descriptorsPerClient
        clients = wanted ?? most
        guard clients > 0, clients <= most else {
            throw DescriptorShortage(wanted: wanted, most: most, descriptors: descriptors)
        }
    }
}
