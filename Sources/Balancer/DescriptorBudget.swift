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
    /// What an operator gets who says nothing of it. Many processes have descriptors for fewer, and none to spare for agents that
    /// will never come.
    static let usualAgents = 4096
    /// An event loop has three descriptors; what reads files, asks for addresses and logs needs some now and then.
    private static let descriptorsPerThread = 4
    private static let otherDescriptors = 64

    /// - Parameters:
    ///   - descriptors: how many the process may have open.
    ///   - threads: of the reverse proxy.
    ///   - wanted: connections of clients; nil: as many as there are descriptors for.
    ///   - agents: the most at one time. Of more than ``usualAgents`` each gets a place, whatever is left for clients then.
    /// - Throws: ``DescriptorShortage``.
    init(descriptors: Int, threads: Int, wanted: Int?, agents: Int = usualAgents) throws(DescriptorShortage) {
        let fixed =
            Self.otherDescriptors + Self.descriptorsPerThread * (threads + 1)
            + ReverseProxyConfiguration.maximumRefusedConnections
        let free = max(0, descriptors - fixed)
        let usual = min(ManagementServer.usualConnections, free / 8)
        management = agents > Self.usualAgents ? max(usual, ManagementServer.connections(ofAgents: agents)) : usual
        // For a chat in the dashboard there is another connection, to our own reverse proxy.
        let most = (free - management - min(management, Dashboard.maximumChats)) / Self.descriptorsPerClient
        clients = wanted ?? most
        guard clients > 0, clients <= most else {
            throw DescriptorShortage(
                wanted: wanted,
                most: most,
                descriptors: descriptors,
                agents: agents > Self.usualAgents ? agents : nil
            )
        }
    }
}
