/// A value of a metric, with the values of its labels.
struct MetricSample: Sendable {
    enum Value: Sendable {
        case integer(Int)
        /// Seconds, or anything else that isn't whole.
        case real(Double)
        case histogram(Histogram)
    }

    let value: Value
    let labels: [String]

    init(_ value: Value, labels: [String]) {
        self.value = value
        self.labels = labels
    }

    init(_ count: Int, _ labels: String...) {
        self.init(.integer(count), labels: labels)
    }

    init(_ flag: Bool) {
        self.init(.integer(flag ? 1 : 0), labels: [])
    }

    init(seconds: Double) {
        self.init(.real(seconds), labels: [])
    }

    init(seconds duration: Duration) {
        self.init(seconds: duration / .seconds(1))
    }

    init(_ histogram: Histogram) {
        self.init(.histogram(histogram), labels: [])
    }

    func labelled(by upstream: UpstreamReading) -> MetricSample {
        MetricSample(value, labels: upstream.labels + labels)
    }
}
