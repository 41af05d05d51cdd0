import Balancer
import LlamaServer
import Logging

/// Said at the start of a balancer whose management listener others than this machine reach without a token.
struct OpenManagementWarning {
    private let address: NetworkAddress

    /// - Returns: nil when there is nothing to warn of.
    init?(_ configuration: BalancerConfiguration) {
        let hasToken = !configuration.managementTokens.isEmpty || configuration.managementTokenFile != nil
        guard !hasToken, configuration.managementClientAuthorities == nil, !configuration.management.isLoopback else {
            return nil
        }
        address = configuration.management
    }

    func log(to logger: Logger) {
        logger.warning(
            """
            anyone who reaches the management address can register a server and receive users' prompts: \
            set --management-token or --management-client-ca, or keep the address on a private network
            """,
            metadata: ["address": "\(address)"]
        )
    }
}
