public import LlamaServer

/// Where a balancer listens, with the ports that the system has chosen.
public struct ListeningAddresses: Sendable {
    public let reverseProxy: NetworkAddress
    public let management: NetworkAddress

    public init(reverseProxy: NetworkAddress, management: NetworkAddress) {
        self.reverseProxy = reverseProxy
        self.management = management
    }
}
