import LlamaServer

/// Something in a configuration that can be meant, and most often isn't.
struct ConfigurationWarning: Equatable {
    let text: String
    var hint: String?
}

extension AgentConfiguration {
    /// Told once, at the start.
    ///
    /// - Parameter own: the IP addresses of this machine.
    func warnings(onMachineWith own: Set<String>) -> [ConfigurationWarning] {
        [unusedKeyWarning, unusedWeightWarning, unreachableAddressWarning(own), otherSchemeWarning].compactMap(\.self)
    }

    private var unusedKeyWarning: ConfigurationWarning? {
        guard upstreamAPIKey != nil else { return nil }
        if dialect != .current {
            return ConfigurationWarning(text: "older balancers take no key for the llama-server: it is not sent")
        }
        guard managementToken == nil, managementCertificate == nil else { return nil }
        return ConfigurationWarning(
            text:
                "the key for the llama-server is not sent: balancers take it only from agents with a token or a certificate",
            hint: "give the balancers a --management-token and this agent the same"
        )
    }

    private var unusedWeightWarning: ConfigurationWarning? {
        guard weight != 1, dialect != .current else { return nil }
        return ConfigurationWarning(
            text: "older balancers know no weights: this llama-server counts as much as the others"
        )
    }

    /// A loopback address or a socket means another machine to each balancer, and two agents that give the same one take
    /// each other's place.
    ///
    /// Names other than `localhost` aren't looked up.
    private func unreachableAddressWarning(_ own: Set<String>) -> ConfigurationWarning? {
        guard external.isLoopback, let balancer = management.first(where: { !$0.isLoopback && !own.contains($0.host) })
        else { return nil }
        return ConfigurationWarning(
            text:
                "the balancer \(balancer) is told to reach the llama-server at \(external), where it finds only its own "
                + "machine",
            hint: "set --external-llamacpp-addr to an address at which the balancer's machine reaches the llama-server"
        )
    }

    /// A llama-server that speaks TLS closes the connections of those who don't, which looks as if requests ended it.
    private var otherSchemeWarning: ConfigurationWarning? {
        guard localUsesTLS, !externalUsesTLS, external == local else { return nil }
        return ConfigurationWarning(
            text: "balancers are told to speak plain http to \(external), to which this agent speaks https",
            hint: "pass --external-llamacpp-scheme https"
        )
    }
}
