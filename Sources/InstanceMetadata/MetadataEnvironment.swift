/// What environment variables say of the metadata services, as AWS's own programs read them.
public struct MetadataEnvironment: Equatable, Sendable {
    /// Where EC2's metadata is, without a slash at the end; nil: it must not be asked.
    let ec2Endpoint: String?
    /// Whether questions without a token are allowed when there is none to be had.
    let allowsVersion1: Bool
    /// Where the ECS agent describes this container.
    let ecsEndpoint: String?
    /// How long a try may take, from a millisecond to an hour.
    let limit: Duration

    public init(_ environment: [String: String]) {
        func isTrue(_ name: String) -> Bool { environment[name]?.lowercased() == "true" }
        func given(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }

        let usesIPv6 = given("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE")?.lowercased() == "ipv6"
        let usual = usesIPv6 ? "http://[fd00:ec2::254]" : "http://169.254.169.254"
        let endpoint = given("AWS_EC2_METADATA_SERVICE_ENDPOINT") ?? usual
        ec2Endpoint = isTrue("AWS_EC2_METADATA_DISABLED") ? nil : Self.withoutSlash(endpoint)
        allowsVersion1 = !isTrue("AWS_EC2_METADATA_V1_DISABLED")
        ecsEndpoint = given("ECS_CONTAINER_METADATA_URI_V4").map(Self.withoutSlash)
        limit = given("AWS_METADATA_SERVICE_TIMEOUT").flatMap(Self.duration) ?? .seconds(1)
    }

    /// Of seconds, as AWS's command line takes them.
    private static func duration(_ text: String) -> Duration? {
        guard let seconds = Double(text), (0.001...3600).contains(seconds) else { return nil }
        return .seconds(seconds)
    }

    private static func withoutSlash(_ url: String) -> String {
        url.hasSuffix("/") ? String(url.dropLast()) : url
    }
}
