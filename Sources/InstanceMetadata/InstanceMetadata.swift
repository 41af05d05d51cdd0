internal import HTTPExchange
internal import LlamaServer

/// Asks the machine in the cloud for its own host.
///
/// A try takes a second at most unless the environment says otherwise, and there are a few: off AWS, the answer is an error
/// after some seconds.
public struct InstanceMetadata: Sendable {
    private let environment: MetadataEnvironment

    /// How long the service's token is good for. One start of a program needs no more.
    private static let tokenSeconds = "300"

    public init(_ environment: MetadataEnvironment) {
        self.environment = environment
    }

    /// - Returns: a name, an IPv4 address, or an IPv6 address without brackets.
    /// - Throws: ``InstanceMetadataError``, or `CancellationError`.
    public func resolve(_ host: MetadataHost) async throws -> String {
        let environment = environment
        return try await HTTPAsker.with(limit: environment.limit) { asker in
            switch host {
            case .ec2(let path):
                guard let endpoint = environment.ec2Endpoint else {
                    throw InstanceMetadataError(host: host, reason: .disabled, endpoint: "")
                }
                let value = try await ec2Value(at: path, of: endpoint, for: host, asker)
                return try Self.checked(value, host: host, endpoint: endpoint)
            case .ecsIPv4:
                guard let endpoint = environment.ecsEndpoint else {
                    throw InstanceMetadataError(host: host, reason: .noEndpoint, endpoint: "")
                }
                let value = try await ecsAddress(of: endpoint, for: host, asker)
                return try Self.checked(value, host: host, endpoint: endpoint)
            }
        }
    }

    private func ec2Value(
        at path: String,
        of endpoint: String,
        for host: MetadataHost,
        _ asker: HTTPAsker
    ) async throws -> String {
        var conversation = EC2Conversation(allowsVersion1: environment.allowsVersion1)
        var step = conversation.start()
        while true {
            try Task.checkCancellation()
            switch step {
            case .requestToken:
                let lifetime = (name: "x-aws-ec2-metadata-token-ttl-seconds", value: Self.tokenSeconds)
                step = conversation.tokenAnswered(
                    await asker.ask("PUT", "\(endpoint)/latest/api/token", headers: [lifetime])
                )
            case .requestValue(let token):
                let headers = token.map { [(name: "x-aws-ec2-metadata-token", value: $0)] } ?? []
                step = conversation.valueAnswered(
                    await asker.ask("GET", "\(endpoint)/latest/meta-data/\(path)", headers: headers)
                )
            case .finished(let value):
                return value
            case .failed(let reason):
                throw InstanceMetadataError(host: host, reason: reason, endpoint: endpoint)
            }
        }
    }

    private func ecsAddress(
        of endpoint: String,
        for host: MetadataHost,
        _ asker: HTTPAsker
    ) async throws -> String {
        var reason = InstanceMetadataError.Reason.garbled
        for _ in 0..<EC2Conversation.mostTries {
            try Task.checkCancellation()
            switch await asker.ask("GET", endpoint) {
            case .reply(status: 200, let body):
                guard let address = ECSContainer.firstIPv4Address(in: body) else {
                    throw InstanceMetadataError(host: host, reason: .garbled, endpoint: endpoint)
                }
                return address
            case .reply(let status, _):
                reason = .status(status)
                guard (500...599).contains(status) else {
                    throw InstanceMetadataError(host: host, reason: reason, endpoint: endpoint)
                }
            case .none(let noAnswer):
                reason = .noAnswer(noAnswer.inWords)
            }
        }
        throw InstanceMetadataError(host: host, reason: reason, endpoint: endpoint)
    }

    /// What is to be listened on and told to others has to be a host, whoever says it.
    private static func checked(_ value: String, host: MetadataHost, endpoint: String) throws -> String {
        let text = value.contains(":") ? "[\(value)]:1" : "\(value):1"
        guard (try? NetworkAddress(parsing: text)) != nil else {
            throw InstanceMetadataError(host: host, reason: .garbled, endpoint: endpoint)
        }
        return value
    }
}
