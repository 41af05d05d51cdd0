import LlamaServer

/// Where the balancer itself listens.
struct OwnListeners {
    /// As they are bound.
    let listeners: [NetworkAddress]
    /// The addresses of this machine.
    let machine: Set<String>

    /// Whether a connection to this address would come to the balancer. Names but `localhost` aren't looked up.
    func contains(_ address: NetworkAddress) -> Bool {
        let address = address.identity
        return listeners.contains { listener in
            guard listener.port == address.port else { return false }
            let listener = listener.identity
            guard Self.wildcards.contains(listener.host) else { return listener.host == address.host }
            return Self.wildcards.contains(address.host) || address.host.hasPrefix("127.") || address.host == "::1"
                || machine.contains(address.host)
        }
    }

    /// All addresses of the machine, and to those who connect the machine itself.
    private static let wildcards: Set<String> = ["0.0.0.0", "::"]
}
