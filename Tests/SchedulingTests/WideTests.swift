import Testing

@testable import Scheduling

@Suite("Requests that take several slots")
struct WideTests {
    @Test("it goes where so many are idle, though another is less busy, and counts as that many")
    func goesWhereItFits() throws {
        var scene = Scene(slots: [2, 4])
        let wide = try scene.lease(slots: 3)
        #expect(wide.address == (try scene["b"].address))
        #expect(wide.slots == 3)
        #expect(try scene["b"].slotsIdle == 1)
        scene.finish(wide)
        #expect(try scene["b"].slotsIdle == 4)
    }

    @Test("one that takes more than any server has takes all of the largest")
    func moreThanThereAre() throws {
        var scene = Scene(slots: [2, 4])
        let wide = try scene.lease(slots: 9)
        #expect(wide.address == (try scene["b"].address))
        #expect(wide.slots == 4)
    }

    @Test(
        "it waits where slots are idle, but too few, and those behind it get none of the server whose slots are kept for it"
    )
    func keeps() throws {
        var scene = Scene(slots: [2, 2])
        let busy = try scene.leases(3)
        _ = try scene.queue(slots: 2)
        let idle = try #require(["a", "b"].first { try scene[$0].slotsIdle == 1 })
        let behind = try scene.queue()
        #expect(try scene[idle].slotsIdle == 1)
        // On the other server, whoever is behind may have what becomes idle.
        let other = try #require(busy.first { $0.address != (try? scene[idle].address) })
        #expect(scene.finish(other).dispatched == [5])
        let last = try #require(busy.first { $0.address == (try? scene[idle].address) })
        let wide = try #require(scene.finish(last).leases.first)
        #expect(wide.request.rawValue == 4)
        #expect(wide.slots == 2)
        #expect(wide.address == last.address)
        _ = behind
    }

    @Test("when its client leaves, others get what was kept for it")
    func cancelled() throws {
        var scene = Scene(slots: [2])
        let busy = try scene.lease()
        let wide = try scene.queue(slots: 2)
        _ = try scene.queue()
        #expect(scene.leave(wide).decisions.dispatched == [3])
        _ = busy
    }

    @Test("when its server goes away, it waits for another one")
    func serverGoes() throws {
        var scene = Scene(slots: [2, 2])
        let busy = try scene.leases(2)
        let wide = try scene.lease(slots: 1)
        _ = try scene.queue(slots: 2)
        let kept = try #require(["a", "b"].first { scene.scheduler.isKept(try scene[$0].id) })
        scene.drain(kept)
        let other = kept == "a" ? "b" : "a"
        #expect(scene.scheduler.isKept(try scene[other].id))
        var dispatched: [UInt64] = []
        for lease in busy + [wide] where lease.address == (try? scene[other].address) {
            dispatched += scene.finish(lease).dispatched
        }
        #expect(dispatched == [4])
    }

    @Test("a sample that shows all its slots at work shows nobody else")
    func sample() throws {
        var scene = Scene(slots: [4])
        let wide = try scene.lease(slots: 4)
        scene.pass(.milliseconds(500))
        scene.report("a", total: 4, processing: 4)
        #expect(try scene["a"].slotsForeign == 0)
        scene.pass(.milliseconds(500))
        scene.finish(wide)
        scene.pass(.milliseconds(500))
        #expect(try scene["a"].slotsIdle == 4)
    }

    @Test("when its client leaves, all its slots cool until a sample shows them idle")
    func cools() throws {
        var scene = Scene(slots: [4])
        let wide = try scene.lease(slots: 3)
        scene.pass(.milliseconds(500))
        scene.finish(wide, .clientLeft(runsOn: .untilItLooks))
        #expect(try scene["a"].slotsCooling == 3)
        #expect(try scene["a"].slotsIdle == 1)
        scene.pass(.seconds(2))
        scene.report("a", total: 4, processing: 1)
        #expect(try scene["a"].slotsCooling == 1)
        scene.pass(.seconds(2))
        scene.report("a", total: 4, processing: 0)
        #expect(try scene["a"].slotsIdle == 4)
    }

    @Test("one that was broken off goes to another server, as soon as that has enough")
    func triedAgain() throws {
        var scene = Scene(slots: [2, 2])
        let wide = try scene.lease(slots: 2)
        let busy = try scene.lease()
        #expect(busy.address != wide.address)
        let again = scene.retry(wide, .brokenOff)
        #expect(again.submission?.ticket != nil)
        let next = try #require(scene.finish(busy).leases.first)
        #expect(next.request == wide.request)
        #expect(next.address == busy.address)
    }

    @Test("one that the largest server broke off goes to the next largest")
    func largestBrokeItOff() throws {
        var scene = Scene(slots: [8, 4])
        let wide = try scene.lease(slots: 8)
        #expect(wide.address == (try scene["a"].address))
        let again = try #require(scene.retry(wide, .brokenOff).submission?.lease)
        #expect(again.address == (try scene["b"].address))
        #expect(again.slots == 4)
    }

    @Test("more answers at a time than any server gives are refused by one slot, not by a whole server")
    func tooManyAnswers() throws {
        var scene = Scene(slots: [2, 4])
        let busy = try scene.leases(5)
        let refused = try #require(scene.submit(for: nil, slots: 9, answers: 9).lease)
        #expect(refused.slots == 1)
        _ = busy
    }

    @Test("more answers than any server gives take as many slots as they do at a larger one that comes meanwhile")
    func laterEnough() throws {
        var scene = Scene(slots: [2])
        let busy = try scene.leases(2)
        #expect(scene.submit(for: nil, slots: 4, answers: 4).ticket != nil)
        let decisions = scene.report("b", total: 4)
        #expect(decisions.leases.map(\.slots) == [4])
        #expect(scene.submit().ticket != nil)
        _ = busy
    }

    @Test("slots are kept where some are idle, and no longer where none is")
    func movesOn() throws {
        var scene = Scene(slots: [2, 2])
        let busy = try scene.leases(4)
        _ = try scene.queue(slots: 2)
        for _ in 0..<3 { _ = try scene.queue() }
        let kept = try #require(["a", "b"].first { scene.scheduler.isKept(try scene[$0].id) })
        let others = busy.filter { $0.address != (try? scene[kept].address) }
        #expect(scene.finish(others[0]).dispatched.isEmpty)
        let next = try #require(scene.finish(others[1]).leases.first)
        #expect(next.slots == 2)
        #expect(next.address == others[1].address)
    }
}
