import LlamaServer

/// What lookers-on want to know about an upstream, and where it is.
struct UpstreamDescription: Sendable {
    var address: NetworkAddress
    var name: String?
    var condition = Condition.loading
    var models: [String] = []
    var contextSize: Int?
    var build: String?
    var lastReport = Instant(nanoseconds: 0)

    mutating func update(_ report: UpstreamReport, at now: Instant) {
        name = report.name
        condition = report.condition
        models = report.models
        contextSize = report.contextSize
        build = report.build
        lastReport = now
    }
}
