import ProxyExchange
import Testing

@testable import Scheduling

@Suite("What a stream is told of a load")
struct LoadingTaleTests {
    private var tale = LoadingTale.untold
    private let start = Instant(nanoseconds: 1_000_000_000_000)

    private mutating func next(
        _ stage: AwaitedLoad.Stage,
        server: String? = nil,
        usual: Duration? = nil,
        model: String? = "qwen",
        after waited: Duration
    ) -> String? {
        let upstream = UpstreamID(index: server == "other" ? 1 : 0, generation: 0)
        let load = AwaitedLoad(upstream: upstream, model: model, server: server, usualTime: usual, stage: stage)
        return tale.next(load, waited: waited, at: start + waited)
    }

    @Test("each step is a line that grows by its seconds, once a second at most")
    mutating func steps() {
        #expect(next(.waitsForRoom, after: .milliseconds(500)) == "Waiting for room to load qwen")
        #expect(next(.waitsForRoom, after: .milliseconds(1000)) == nil)
        #expect(next(.waitsForRoom, after: .milliseconds(1500)) == " … 1 s")
        #expect(
            next(.wished, server: "rack4/qwen", usual: .seconds(12), after: .milliseconds(2000))
                == "\nLoading qwen on rack4/qwen, which took 12 s last time"
        )
        #expect(next(.loading(elapsed: .milliseconds(400)), server: "rack4/qwen", after: .milliseconds(2500)) == nil)
        #expect(next(.loading(elapsed: .milliseconds(900)), server: "rack4/qwen", after: .milliseconds(3000)) == " …")
        #expect(
            next(.loading(elapsed: .milliseconds(2400)), server: "rack4/qwen", after: .milliseconds(4500)) == " … 2 s"
        )
        #expect(tale.end() == "\nLoaded.\n\n")
        #expect(tale.end() == nil)
    }

    @Test("what has just come in isn't told of room before it was looked for, but of a load that goes on at once")
    mutating func beginnings() {
        #expect(next(.waitsForRoom, after: .zero) == nil)
        #expect(tale.isUntold)
        #expect(tale.end() == nil)
        #expect(next(.loading(elapsed: .seconds(3)), after: .zero) == "Loading qwen")
    }

    @Test("another server is another step, and one called as its model isn't named")
    mutating func servers() {
        #expect(next(.wished, server: "qwen", usual: .milliseconds(300), after: .zero) == "Loading qwen")
        #expect(next(.wished, server: "other", after: .milliseconds(10)) == "\nLoading qwen on other")
    }

    @Test("what doesn't say its name is called the model")
    mutating func nameless() {
        #expect(next(.wished, model: nil, after: .zero) == "Loading the model")
    }
}
