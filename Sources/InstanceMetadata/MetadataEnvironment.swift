/// What environment variables say of the metadata services, as AWS's own programs read them.
public struct MetadataEnvironment: Equatable, Sendable {
    /// Where EC2's metadata is, without a slash at the end; nil: it must not be asked.
    let ec2Endpoint: String?
    /// Whether questions without a token are allowed when there is none to be had.
    let allowsVersion1: Bool
    /// Where the ECS agent describes this container.
    let ecsEndpoint: String?

    public init(_ environment: [String: String]) {
        func isTrue(_ name: String) -> Bool { environment[name]?.lowercased() == "true" }
        func given(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }

        let usesIPv6 = given("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE")?.lowercased() == "ipv6"
        let usual = usesIPv6 ? "http://[fd00:ec2::254]" : "http://169.254.169.254"
        let endpoint = given("AWS_EC2_METADATA_SERVICE_ENDPOINT") ?? usual
        ec2Endpoint = isTrue("AWS_EC2_METADATA_DISABLED") ? nil : Self.withoutSlash(endpoint)
        allowsVersion1 = !isTrue("AWS_EC2_METADATA_V1_DISABLED")
        ecsEndpoint = given("ECS_CONTAINER_METADATA_URI_V4").map(Self.withoutSlash)
    }

    private static func withoutSlash(_ url: String) -> String {
        url.hasSuffix("/") ? String(url.dropLast()) : url
    }
}
