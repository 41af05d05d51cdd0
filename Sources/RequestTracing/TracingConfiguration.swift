public import RequestRecords

/// Which requests are traced, and where their spans go.
public struct TracingConfiguration: Equatable, Sendable {
    public var endpoint: CollectorEndpoint
    public var headers: [CollectorHeader] = []
    public var sampling = TraceSampling(fraction: 1)
    /// How often spans are sent.
    public var interval: Duration = .seconds(1)
    /// How long a collector may take to answer.
    public var timeout: Duration = .seconds(10)
    /// How long a stop may take to send what there is.
    public var stopLimit: Duration = .seconds(2)

    public init(endpoint: CollectorEndpoint) {
        self.endpoint = endpoint
    }
}
