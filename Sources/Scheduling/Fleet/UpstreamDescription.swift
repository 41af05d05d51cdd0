import LlamaServer

/// What lookers-on want to know about an upstream, and where it is.
struct UpstreamDescription: Sendable {
    var route: UpstreamRoute
    var name: String?
    var condition = Condition.loading
    var models: [String] = []
    var contextSize: Int?
    var build: String?
    var lastReport = Instant(nanoseconds: 0)

    var address: NetworkAddress { route.address }

    mutating func update(_ report: UpstreamReport, at now: Instant) {
        if route != report.route { route = report.route }
        name = report.name
        condition = report.condition
        models = report.models
        contextSize = report.contextSize
        build = report.build
        lastReport = now
    }
}
