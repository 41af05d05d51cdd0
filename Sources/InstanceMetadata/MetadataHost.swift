/// A host that the machine itself has to be asked for, written where otherwise a name stands.
public enum MetadataHost: Hashable, Sendable {
    /// `aws:metadata:PATH`: what EC2's instance metadata has at a path, for example `local-ipv4`.
    case ec2(path: String)
    /// `ecs:metadata:ipv4`: the address of the ECS or Fargate task's first network.
    case ecsIPv4

    private static let ec2Prefix = "aws:metadata:"
    private static let ecsPrefix = "ecs:metadata:"

    /// What people write most. Any other path is taken, too.
    public static let examples =
        [
            "local-ipv4", "local-hostname", "public-ipv4", "public-hostname", "ipv6",
        ].map { ec2Prefix + $0 } + [ecsPrefix + "ipv4"]

    /// Whether the text is meant as such a host, well written or not.
    public static func isMeant(by text: String) -> Bool {
        text.hasPrefix(ec2Prefix) || text.hasPrefix(ecsPrefix)
    }

    public init(parsing text: String) throws(MetadataHostError) {
        if text.hasPrefix(Self.ecsPrefix) {
            guard text == Self.ecsPrefix + "ipv4" else { throw .unknown(text) }
            self = .ecsIPv4
            return
        }
        guard text.hasPrefix(Self.ec2Prefix) else { throw .unknown(text) }
        let path = String(text.dropFirst(Self.ec2Prefix.count))
        guard Self.isPath(path) else { throw .notAPath(text) }
        self = .ec2(path: path)
    }

    /// Nothing that could leave `meta-data/` or end the path. Colons occur: hardware addresses name interfaces.
    private static func isPath(_ path: String) -> Bool {
        guard (1...200).contains(path.utf8.count), !path.contains("..") else { return false }
        guard path.split(separator: "/", omittingEmptySubsequences: false).allSatisfy({ !$0.isEmpty }) else {
            return false
        }
        return path.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."),
                UInt8(ascii: ":"), UInt8(ascii: "/"):
                true
            default:
                false
            }
        }
    }
}

extension MetadataHost: CustomStringConvertible {
    /// As it is written.
    public var description: String {
        switch self {
        case .ec2(let path): Self.ec2Prefix + path
        case .ecsIPv4: Self.ecsPrefix + "ipv4"
        }
    }
}

/// A text that begins like a ``MetadataHost`` and isn't one.
public enum MetadataHostError: Error, Equatable, CustomStringConvertible {
    case unknown(String)
    case notAPath(String)

    public var description: String {
        switch self {
        case .unknown(let text):
            "\"\(text)\" is not known; there are \(MetadataHost.examples.joined(separator: ", "))"
        case .notAPath(let text):
            "\"\(text)\" has no path of the instance's metadata; write for example \(MetadataHost.examples[0])"
        }
    }
}
