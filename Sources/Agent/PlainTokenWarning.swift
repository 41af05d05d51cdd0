package import LlamaServer
package import Logging

/// Said at the start of an agent whose token others on the way to a balancer can read.
package struct PlainTokenWarning {
    package let balancers: [NetworkAddress]

    /// - Returns: nil when there is nothing to warn of.
    package init?(_ configuration: AgentConfiguration) {
        let hasToken = configuration.managementToken != nil || configuration.managementTokenFile != nil
        guard hasToken, !configuration.managementUsesTLS else { return nil }
        balancers = configuration.management.filter { !$0.isLoopback }
        if balancers.isEmpty { return nil }
    }

    package func log(to logger: Logger) {
        logger.warning(
            """
            the management token goes over plain http, where others on the way can read it: \
            give the balancer a certificate (--management-tls-cert) and set --management-scheme https, or keep to a private network
            """,
            metadata: ["balancers": "\(balancers.map(\.description).joined(separator: ","))"]
        )
    }
}
