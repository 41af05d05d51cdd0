/// Why a machine doesn't say what its host is. Its description is one line.
public struct InstanceMetadataError: Error, Equatable, CustomStringConvertible {
    public let host: MetadataHost
    public let reason: Reason
    /// Who was asked.
    let endpoint: String

    public enum Reason: Equatable, Sendable {
        /// By `AWS_EC2_METADATA_DISABLED`.
        case disabled
        /// `ECS_CONTAINER_METADATA_URI_V4` isn't set.
        case noEndpoint
        case noAnswer(String)
        case status(Int)
        /// It gives no token and may not be asked without one.
        case noToken
        /// It takes no question without a token and gave none.
        case tokenDemanded
        case unknownPath
        /// The answer is no host.
        case garbled
    }

    public var description: String { "\(host): \(inWords)" }

    private var inWords: String {
        switch reason {
        case .disabled:
            "EC2's instance metadata must not be asked, says AWS_EC2_METADATA_DISABLED; give the host itself"
        case .noEndpoint:
            "this is no ECS task: ECS_CONTAINER_METADATA_URI_V4 is not set; give the host itself"
        case .noAnswer(let why):
            "no instance metadata from \(endpoint): \(why); off AWS, give the host itself"
        case .status(let status):
            "the instance metadata service at \(endpoint) answered \(status)"
        case .noToken:
            "the instance metadata service at \(endpoint) gives no token, and AWS_EC2_METADATA_V1_DISABLED forbids to go without"
        case .tokenDemanded:
            "the instance metadata service at \(endpoint) demands a token and gave none; in a container, raise the instance's metadata hop limit to 2"
        case .unknownPath:
            "this machine has none (the instance metadata service at \(endpoint) answered 404)"
        case .garbled:
            "what the instance metadata service at \(endpoint) answered is not a host"
        }
    }
}
