public import LlamaServer

/// Where and how measurements are sent as StatsD datagrams.
public struct StatsDConfiguration: Sendable, Equatable {
    /// UDP.
    public var address: NetworkAddress
    /// What names begin with, without the dot.
    public var prefix = "paddler"
    public var interval: Duration = .seconds(10)
    /// DogStatsD tags, `name:value`; with none, datagrams are plain StatsD.
    public var tags: [String] = []

    public init(address: NetworkAddress) {
        self.address = address
    }
}
