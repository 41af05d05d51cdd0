import NIOCore
import Testing

@testable import PickRules

@Suite("Requests between two attempts")
struct AwaitedAgainTests {
    private let start = NIODeadline.uptimeNanoseconds(5)

    @Test("the next attempt finds its request, once, and no other's")
    func take() {
        var awaited = AwaitedAgain<Int>()
        #expect(awaited.keep(1, as: "a", at: start) == nil)
        #expect(awaited.keep(2, as: "b", at: start) == nil)
        #expect(awaited.take("c") == nil)
        #expect(awaited.take("a") == 1)
        #expect(awaited.take("a") == nil)
        #expect(awaited.take("b") == 2)
    }

    @Test("for whom nobody has come in time is given up")
    func overdue() {
        var awaited = AwaitedAgain<Int>()
        _ = awaited.keep(1, as: "a", at: start)
        _ = awaited.keep(2, as: "b", at: start + .milliseconds(1))
        #expect(awaited.takeOverdue(at: start + .milliseconds(1999)).isEmpty)
        #expect(awaited.takeOverdue(at: start + .seconds(2)) == [1])
        #expect(awaited.take("a") == nil)
        #expect(awaited.take("b") == 2)
    }

    @Test("what was kept under a name before is given up")
    func replaced() {
        var awaited = AwaitedAgain<Int>()
        _ = awaited.keep(1, as: "a", at: start)
        #expect(awaited.keep(2, as: "a", at: start) == 1)
        #expect(awaited.takeAll() == [2])
        #expect(awaited.takeAll().isEmpty)
    }
}
