import NIOCore
import Testing

@testable import HTTP2Front

@Suite("The life of an HTTP/2 connection")
struct ConnectionLifeTests {
    private let limits = ConnectionLife.Limits(beginning: .seconds(10), idle: .seconds(75))
    private let start = NIODeadline.uptimeNanoseconds(1_000_000_000)

    private func begun() -> ConnectionLife {
        var life = ConnectionLife(since: start)
        life.began()
        return life
    }

    @Test("a client that never says that it knows our settings is given up")
    func silent() {
        var life = ConnectionLife(since: start)
        #expect(life.timePassed(at: start + .seconds(9), limits) == .none)
        #expect(life.timePassed(at: start + .seconds(10), limits) == .giveUp)
        #expect(life.timePassed(at: start + .seconds(20), limits) == .none)
    }

    @Test("one without streams is told to go when it has been idle, and what it asks until it has heard that is served")
    func idle() {
        var life = begun()
        life.opened(1)
        #expect(life.timePassed(at: start + .seconds(200), limits) == .none)
        #expect(life.closed(at: start + .seconds(200)) == .none)
        #expect(life.timePassed(at: start + .seconds(274), limits) == .none)
        #expect(life.timePassed(at: start + .seconds(275), limits) == .announceEnd)
        life.opened(3)
        #expect(life.echoed() == .refuse(after: 3))
        #expect(life.closed(at: start + .seconds(280)) == .close)
    }

    @Test("one that is to go ends behind its last stream")
    func leaving() {
        var life = begun()
        life.opened(5)
        #expect(life.leave(at: start) == .announceEnd)
        #expect(life.leave(at: start) == .none)
        life.opened(7)
        #expect(life.echoed() == .refuse(after: 7))
        #expect(life.echoed() == .none)
        #expect(life.closed(at: start) == .none)
        #expect(life.closed(at: start) == .close)
    }

    @Test("one without a stream ends as soon as it has heard of it")
    func leavingIdle() {
        var life = begun()
        #expect(life.leave(at: start) == .announceEnd)
        #expect(life.echoed() == .refuseAndClose(after: 0))
        #expect(life.stage == .ended)
    }

    @Test("a client that echoes nothing isn't waited for")
    func deaf() {
        var life = begun()
        life.opened(9)
        #expect(life.leave(at: start) == .announceEnd)
        #expect(life.timePassed(at: start + .seconds(4), limits) == .none)
        #expect(life.timePassed(at: start + .seconds(5), limits) == .refuse(after: 9))
        #expect(life.closed(at: start) == .close)
        var idle = begun()
        #expect(idle.leave(at: start) == .announceEnd)
        #expect(idle.timePassed(at: start + .seconds(5), limits) == .refuseAndClose(after: 0))
    }
}
