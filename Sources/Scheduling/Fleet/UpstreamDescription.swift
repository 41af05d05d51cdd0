/// What lookers-on want to know about an upstream.
struct UpstreamDescription: Sendable {
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
