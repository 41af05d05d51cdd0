import LlamaServer
import Testing

@Suite("The metrics of several servers")
struct MetricsSumTests {
    private static func metrics(_ tokens: Int, _ longest: Int, _ busy: Int) -> String {
        """
        # HELP llamacpp:tokens_predicted_total Number of generation tokens processed
        # TYPE llamacpp:tokens_predicted_total counter
        llamacpp:tokens_predicted_total \(tokens)
        # HELP llamacpp:n_tokens_max Largest observed sequence length
        # TYPE llamacpp:n_tokens_max counter
        llamacpp:n_tokens_max \(longest)
        # TYPE llamacpp:accepted_total counter
        llamacpp:accepted_total{position="0"} 1.5
        # HELP llamacpp:requests_processing Number of requests processing
        # TYPE llamacpp:requests_processing gauge
        llamacpp:requests_processing \(busy)
        """
    }

    @Test("counters are summed, the largest stays the largest, and gauges stand there for each server")
    func sum() {
        var sum = MetricsSum()
        sum.add(Self.metrics(10, 7, 1), of: "10.0.0.1:8080")
        sum.add(Self.metrics(32, 5, 2), of: "[::1]:8080")
        #expect(
            sum.text == """
                # HELP llamacpp:tokens_predicted_total Number of generation tokens processed
                # TYPE llamacpp:tokens_predicted_total counter
                llamacpp:tokens_predicted_total 42
                # HELP llamacpp:n_tokens_max Largest observed sequence length
                # TYPE llamacpp:n_tokens_max counter
                llamacpp:n_tokens_max 7
                # TYPE llamacpp:accepted_total counter
                llamacpp:accepted_total{position="0"} 3
                # HELP llamacpp:requests_processing Number of requests processing
                # TYPE llamacpp:requests_processing gauge
                llamacpp:requests_processing{upstream="10.0.0.1:8080"} 1
                llamacpp:requests_processing{upstream="[::1]:8080"} 2

                """
        )
    }

    @Test("histograms are summed, labels of gauges are kept, and values that are no numbers too")
    func others() {
        var sum = MetricsSum()
        for server in ["a:1", "b:2"] {
            sum.add(
                "# TYPE h histogram\nh_bucket{le=\"+Inf\"} 2\nh_sum 0.5\nh_count 2\n# TYPE g gauge\ng{x=\"y z\"} NaN\n",
                of: server
            )
        }
        #expect(
            sum.text == """
                # TYPE h histogram
                h_bucket{le="+Inf"} 4
                h_count 4
                h_sum 1
                # TYPE g gauge
                g{upstream="a:1",x="y z"} NaN
                g{upstream="b:2",x="y z"} NaN

                """
        )
    }

    @Test(
        "what isn't in the format is passed over",
        arguments: ["", "<html>", "{\"a\": 1}", "a", "a b", "a{b 1", "# TYPE x", "\u{0}"]
    )
    func nonsense(text: String) {
        var sum = MetricsSum()
        sum.add(text, of: "a:1")
        #expect(sum.text.isEmpty)
    }
}
