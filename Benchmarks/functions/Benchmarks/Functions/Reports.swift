import AgentProtocol
import Benchmark
import Foundation

func reports() {
    Benchmark("news of the slots, read") { benchmark in
        let line = Data(
            #"{"type":"slots","sent_at_ms":12345.5,"total":8,"processing":3,"started_at_ms":12344.5,"finished_at_ms":12345}"#
                .utf8
        )
        let decoder = JSONDecoder()
        for _ in benchmark.scaledIterations {
            blackHole(try decoder.decode(AgentMessage.self, from: line))
        }
    }
}
