import Testing

@testable import FleetMetrics

struct StatsDReportTests {
    private func lines(since earlier: MetricsReading? = nil, tags: [String] = []) -> [String] {
        StatsDReport(SampleFleet.reading(), since: earlier, prefix: "paddler", tags: tags).lines
    }

    @Test("Paddler's three gauges are sent under their old names, each time")
    func oldGauges() {
        for lines in [lines(), lines(since: SampleFleet.reading())] {
            #expect(lines.contains("paddler.slots_idle:0|g"))
            #expect(lines.contains("paddler.slots_processing:3|g"))
            #expect(lines.contains("paddler.requests_buffered:1|g"))
        }
    }

    @Test("counters tell what has been added")
    func deltas() {
        #expect(lines().contains("paddler.requests_submitted:4|c"))
        #expect(lines().contains("paddler.requests_rejected.queue_full:1|c"))
        #expect(lines().contains("paddler.own_answers.429:1|c"))
        #expect(lines(since: SampleFleet.empty()).contains("paddler.requests_submitted:4|c"))
        #expect(!lines().contains { $0.contains("own_answers.504") })
    }

    @Test("what hasn't moved isn't sent")
    func atRest() {
        #expect(lines(since: SampleFleet.reading()).allSatisfy { $0.hasSuffix("|g") })
    }

    @Test("what upstreams did counts over the fleet, those that are gone included")
    func sums() {
        #expect(lines().contains("paddler.responses.2xx:30|c"))
        #expect(lines().contains("paddler.tokens.prompt_cached:2700|c"))
        #expect(!lines().contains { $0.contains("upstream_") || $0.contains("10.0.0.1") })
    }

    @Test("times are sent in milliseconds, by what was recorded since the report before")
    func times() {
        let all = lines()
        #expect(all.contains("paddler.queue_wait.mean:31000.067|ms"))
        #expect(all.contains("paddler.time_to_first_byte.mean:20|ms"))
        #expect(all.contains("paddler.time_to_first_byte.p50:17.5|ms"))
        #expect(!lines(since: SampleFleet.reading()).contains { $0.hasSuffix("|ms") })
    }

    @Test("seconds have a decimal point and no exponent")
    func decimals() {
        #expect(lines().contains("paddler.queue_oldest_wait_seconds:1.5|g"))
        #expect(lines().allSatisfy { !$0.contains("e-") && !$0.contains("e+") })
    }

    @Test("tags are added in DogStatsD's form")
    func tags() {
        #expect(lines(tags: ["env:prod", "team:ml"]).contains("paddler.slots_idle:0|g|#env:prod,team:ml"))
        #expect(lines(tags: ["a|b\n"]).contains("paddler.slots_idle:0|g|#a_b_"))
    }

    @Test("a model's name is one part of a gauge's name, whatever is in it")
    func models() {
        let lines = StatsDReport(SampleFleet.severalModels(), since: nil, prefix: "paddler").lines
        #expect(lines.contains("paddler.model_slots_idle.qwen2_5_7b:1|g"))
        #expect(lines.contains("paddler.model_requests_buffered.llama:1|g"))
        #expect(lines.contains("paddler.model_slots.unnamed:1|g"))
    }

    @Test("a model that is gone is said to have nothing, once")
    func goneModels() {
        let (several, one) = (SampleFleet.severalModels(), SampleFleet.reading())
        let first = StatsDReport(one, since: several, prefix: "paddler").lines
        #expect(first.contains("paddler.model_requests_buffered.llama:0|g"))
        let second = StatsDReport(one, since: one, prefix: "paddler").lines
        #expect(!second.contains { $0.contains("model_") })
    }

    @Test("a prefix can't end the line that it begins")
    func prefix() {
        let report = StatsDReport(SampleFleet.reading(), since: nil, prefix: "a.b:1|c\n")
        #expect(report.lines.first == "a.b_1_c_.slots_idle:0|g")
        #expect(StatsDReport(SampleFleet.reading(), since: nil, prefix: "").lines.first == "slots_idle:0|g")
    }

    @Test("datagrams are filled with whole lines, up to their limit")
    func packing() {
        let report = StatsDReport(SampleFleet.reading(), since: nil, prefix: String(repeating: "p", count: 100))
        let datagrams = report.datagrams()
        #expect(datagrams.count > 1)
        #expect(datagrams.allSatisfy { $0.utf8.count <= 1432 })
        #expect(datagrams.flatMap { $0.split(separator: "\n").map(String.init) } == report.lines)
        // Any two in a row would be too long for one.
        for (one, next) in zip(datagrams, datagrams.dropFirst()) {
            #expect(one.utf8.count + 1 + next.prefix { $0 != "\n" }.utf8.count > 1432)
        }
    }

    @Test("a line that is too long by itself goes alone")
    func longLine() {
        let report = StatsDReport(
            SampleFleet.reading(),
            since: nil,
            prefix: "p",
            tags: [String(repeating: "t", count: 2000)]
        )
        #expect(report.datagrams() == report.lines)
    }
}
