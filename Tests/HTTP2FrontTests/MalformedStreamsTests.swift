import NIOCore
import Testing

@testable import HTTP2Front

@Suite("Streams with malformed messages")
struct MalformedStreamsTests {
    private let start = NIODeadline.uptimeNanoseconds(1_000_000_000)

    @Test("many in a short time are too many, and as many in a longer time are not")
    func rate() {
        var fast = MalformedStreams()
        let areTooMany = (0...100).map { fast.add(at: start + .milliseconds(299 * $0)) }
        #expect(areTooMany.firstIndex(of: true) == 100)
        var slow = MalformedStreams()
        let areTooManySlow = (0...100).map { slow.add(at: start + .milliseconds(301 * $0)) }
        #expect(!areTooManySlow.contains(true))
    }

    @Test("however slow they come, there is an end to them")
    func total() {
        var malformed = MalformedStreams()
        let areTooMany = (0...1000).map { malformed.add(at: start + .seconds($0)) }
        #expect(areTooMany.firstIndex(of: true) == 1000)
    }
}
