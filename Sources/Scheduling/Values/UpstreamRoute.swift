public import LlamaServer

/// How requests get to an upstream: its address, and what they need to be let in.
///
/// A class, and never changed: each lease refers to it, and a reference costs less than its parts.
public final class UpstreamRoute: Sendable {
    public let address: NetworkAddress
    /// What tells this upstream from others, however its address is written.
    let identity: NetworkAddress
    /// Whether the upstream is spoken to by TLS.
    public let usesTLS: Bool
    /// The key that the upstream asks for; nil: whatever the client sends is passed on. A secret: not for logs or
    /// snapshots.
    public let apiKey: String?
    /// What the upstream wants in front of each path.
    public let pathPrefix: PathPrefix?

    public init(
        address: NetworkAddress,
        usesTLS: Bool = false,
        apiKey: String? = nil,
        pathPrefix: PathPrefix? = nil
    ) {
        self.address = address
        identity = address.identity
        self.usesTLS = usesTLS
        self.apiKey = apiKey
        self.pathPrefix = pathPrefix
    }
}

extension UpstreamRoute: Hashable {
    public static func == (left: UpstreamRoute, right: UpstreamRoute) -> Bool {
        left === right
            || left.address == right.address && left.usesTLS == right.usesTLS && left.apiKey == right.apiKey
                && left.pathPrefix == right.pathPrefix
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(address)
    }
}

extension UpstreamRoute: CustomStringConvertible, CustomReflectable {
    public var description: String { "\(usesTLS ? "https" : "http")://\(address)\(pathPrefix?.text ?? "")" }

    /// Without the key, whoever reflects upon it.
    public var customMirror: Mirror {
        Mirror(self, children: ["address": address, "usesTLS": usesTLS, "pathPrefix": pathPrefix as Any])
    }
}
