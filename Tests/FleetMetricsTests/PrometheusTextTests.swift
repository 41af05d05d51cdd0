import Scheduling
import Testing

@testable import FleetMetrics

struct PrometheusTextTests {
    private let text = PrometheusText(SampleFleet.reading()).text
    private var lines: [Substring] { text.split(separator: "\n") }

    @Test("a whole reading is written as expected")
    func whole() throws {
        let path = "Tests/FleetMetricsTests/Expected/metrics.txt"
        guard !Repository.updates else { return try Repository.write(text, to: path) }
        #expect(text == (try Repository.text(path)), "UPDATE_EXPECTED=1 writes it into \(path)")
    }

    @Test("the same reading gives the same text")
    func deterministic() {
        for _ in 0..<5 { #expect(PrometheusText(SampleFleet.reading()).text == text) }
    }

    @Test("what would end a label's value is escaped")
    func escaping() {
        #expect(lines.contains(#"paddler_upstream_usable{upstream="10.0.0.3:1",agent="say \"hi\\\"\n"} 0"#))
    }

    @Test("buckets add up, and the last one is the count")
    func buckets() {
        let wait = lines.filter { $0.hasPrefix("paddler_queue_wait_seconds_") }
        #expect(wait.first == #"paddler_queue_wait_seconds_bucket{le="0.0005"} 1"#)
        #expect(wait.contains(#"paddler_queue_wait_seconds_bucket{le="5"} 2"#))
        #expect(wait.contains(#"paddler_queue_wait_seconds_bucket{le="60"} 2"#))
        #expect(wait.contains(#"paddler_queue_wait_seconds_bucket{le="+Inf"} 3"#))
        #expect(wait.suffix(2) == ["paddler_queue_wait_seconds_sum 93.0002", "paddler_queue_wait_seconds_count 3"])
    }

    @Test("an upstream that has done nothing yet counts from 0")
    func idleUpstream() {
        let labels = #"upstream="[fe80::1]:8088",agent="gpu-2""#
        #expect(lines.contains("paddler_upstream_responses_total{\(labels),class=\"2xx\"} 0"))
    }

    @Test("of several models each has its own slots, upstreams and waiting requests; of one there are no such series")
    func models() {
        let text = PrometheusText(SampleFleet.severalModels()).text
        let lines = text.split(separator: "\n").filter { $0.hasPrefix("paddler_model_") }
        #expect(
            lines == [
                #"paddler_model_slots_idle{model="llama"} 0"#,
                #"paddler_model_slots_idle{model="qwen2.5:7b"} 1"#,
                #"paddler_model_slots_idle{model=""} 1"#,
                #"paddler_model_slots_processing{model="llama"} 0"#,
                #"paddler_model_slots_processing{model="qwen2.5:7b"} 1"#,
                #"paddler_model_slots_processing{model=""} 0"#,
                #"paddler_model_slots{model="llama"} 0"#,
                #"paddler_model_slots{model="qwen2.5:7b"} 2"#,
                #"paddler_model_slots{model=""} 1"#,
                #"paddler_model_upstreams_usable{model="llama"} 0"#,
                #"paddler_model_upstreams_usable{model="qwen2.5:7b"} 1"#,
                #"paddler_model_upstreams_usable{model=""} 1"#,
                #"paddler_model_requests_buffered{model="llama"} 1"#,
                #"paddler_model_requests_buffered{model="qwen2.5:7b"} 0"#,
                #"paddler_model_requests_buffered{model=""} 0"#,
            ]
        )
        #expect(!self.text.contains("paddler_model_"))
    }

    @Test("without upstreams, and on a system that tells nothing of a process, no metric is announced that isn't there")
    func empty() {
        let empty = PrometheusText(SampleFleet.empty()).text
        #expect(empty.contains("paddler_slots_idle 0\n"))
        #expect(!empty.contains("paddler_upstream_") && !empty.contains("process_"))
        #expect(empty.hasSuffix("paddler_build_info{version=\"9.9.9\"} 1\n"))
    }
}

/// Fleets of which there are too many servers for series of their own.
struct LeftOutUpstreamsTests {
    private func lines(_ maximumUpstreams: Int) -> [Substring] {
        PrometheusText(SampleFleet.reading(maximumUpstreams: maximumUpstreams)).text.split(separator: "\n")
    }

    @Test("up to so many upstreams each has series of its own, as ever")
    func told() {
        let count = SampleFleet.snapshot.upstreams.count + SampleFleet.snapshot.lost.count
        let text = PrometheusText(SampleFleet.reading()).text
        #expect(PrometheusText(SampleFleet.reading(maximumUpstreams: count)).text == text)
        #expect(text.contains("\npaddler_upstreams_left_out 0\n"))
    }

    @Test(
        "of more, or with off, none has, not even a part of them, and it is said how many there are",
        arguments: [0, 1]
    )
    func leftOut(maximumUpstreams: Int) {
        let count = SampleFleet.snapshot.upstreams.count + SampleFleet.snapshot.lost.count
        let lines = lines(maximumUpstreams)
        #expect(lines.contains("paddler_upstreams_left_out \(count)"))
        #expect(!lines.contains { $0.contains("upstream=") || $0.contains("agent=") || $0.contains("accelerator=") })
        #expect(!lines.contains { $0.hasPrefix("paddler_upstream_usable") || $0.hasPrefix("paddler_upstream_slots") })
        #expect(lines.contains { $0.hasPrefix("paddler_upstreams_usable ") }, "the fleet's own numbers stay")
    }

    @Test("what adds up is told of all together: whoever sums it up gets the same, and more if some have gone")
    func sums() throws {
        let all = lines(.max)
        let together = lines(0)
        for name in ["paddler_upstream_sent_bytes_total", "paddler_upstream_connections_opened_total"] {
            let sum = all.filter { $0.hasPrefix("\(name){") }.compactMap {
                $0.split(separator: " ").last.flatMap { Int($0) }
            }
            let one = together.filter { $0.hasPrefix("\(name) ") }.compactMap {
                $0.split(separator: " ").last.flatMap { Int($0) }
            }
            #expect(one.count == 1 && one[0] >= sum.reduce(0, +), "\(name)")
        }
        #expect(together.contains { $0.hasPrefix(#"paddler_upstream_responses_total{class="2xx"} "#) })
        #expect(together.contains { $0.hasPrefix(#"paddler_upstream_response_seconds_bucket{le="+Inf"} "#) })
    }
}
