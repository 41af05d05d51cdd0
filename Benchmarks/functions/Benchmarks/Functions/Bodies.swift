import Benchmark
import LlamaServer

func bodies() {
    Benchmark("tokens that an answer tells of, 1 kB") { benchmark in
        let timings = #""timings":{"cache_n":3,"prompt_n":5,"prompt_ms":10.5,"predicted_n":7,"predicted_ms":100.25}}"#
        let bytes = [UInt8](repeating: 0x78, count: 1024 - timings.utf8.count) + Array(timings.utf8)
        for _ in benchmark.scaledIterations {
            blackHole(ReportedUsage(endingIn: bytes.span))
        }
    }

    Benchmark("wish for a stream behind a prompt of 20 kB") { benchmark in
        let prompt = String(repeating: "It said \\\"no\\\". ", count: 1333)
        let bytes = Array(#"{"messages":[{"role":"user","content":"\#(prompt)"}],"stream":true}"#.utf8)
        for _ in benchmark.scaledIterations {
            blackHole(RequestBody.asksForStream(bytes.span))
        }
    }
}
