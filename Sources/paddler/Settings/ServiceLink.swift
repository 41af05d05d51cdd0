/// What Kubernetes, and Docker before it, put into the environment to describe a service: a service called
/// `paddler-management` becomes `PADDLER_MANAGEMENT_PORT=tcp://10.96.7.1:8085`, which looks like a setting of ours.
enum ServiceLink {
    private static let schemes = ["tcp://", "udp://", "sctp://"]

    /// Whether a variable's text has the form that such descriptions have, and none of our settings.
    static func isMeant(by text: String) -> Bool {
        schemes.contains { text.hasPrefix($0) }
    }

    /// Whether a variable belongs to such a description by its name.
    static func isPart(_ variable: String) -> Bool {
        ["_SERVICE_HOST", "_SERVICE_PORT", "_PORT", "_TCP", "_UDP", "_SCTP"].contains { variable.hasSuffix($0) }
            || ["_SERVICE_PORT_", "_TCP_", "_UDP_", "_SCTP_"].contains { variable.contains($0) }
    }
}
