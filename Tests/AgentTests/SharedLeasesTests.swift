import Testing

@testable import AgentRules

@Suite("What balancers hear of each other")
struct SharedLeasesTests {
    @Test("each hears of the sum of the others' leases, and nothing as long as it tells nothing itself")
    func sum() {
        var leases = SharedLeases(links: 4)
        _ = leases.told(3, by: 0, at: .zero)
        _ = leases.told(2, by: 1, at: .zero)
        _ = leases.told(0, by: 2, at: .zero)
        #expect((0..<4).map { leases.others(than: $0) } == [2, 3, 5, nil])
        _ = leases.told(4, by: 0, at: .zero)
        #expect((0..<4).map { leases.others(than: $0) } == [2, 4, 6, nil])
    }

    @Test("that a slot has become free is told to one after the other, and whose turn it is to be first goes round")
    func turns() throws {
        var leases = SharedLeases(links: 3)
        for link in 0..<3 { _ = leases.told(1, by: link, at: .zero) }
        var firsts: Set<Int> = []
        var now = Duration.seconds(1)
        for _ in 0..<3 {
            _ = leases.told(0, by: 0, at: now)
            let known = [1, 2].filter { leases.others(than: $0) == 1 }
            #expect(known.count == 1)
            firsts.formUnion(known)
            let due = try #require(leases.nextDue)
            leases.pass(to: due - .milliseconds(1))
            #expect([1, 2].filter { leases.others(than: $0) == 1 } == known)
            leases.pass(to: due)
            #expect([1, 2].allSatisfy { leases.others(than: $0) == 1 })
            #expect(leases.nextDue == nil)
            now += .seconds(1)
            _ = leases.told(1, by: 0, at: now)
            #expect([1, 2].allSatisfy { leases.others(than: $0) == 2 })
            now += .seconds(1)
        }
        #expect(firsts == [1, 2])
    }

    @Test("who waits for its turn hears nothing if the slot is in use again by then")
    func taken() {
        var leases = SharedLeases(links: 3)
        for link in 0..<3 { _ = leases.told(1, by: link, at: .zero) }
        _ = leases.told(0, by: 0, at: .seconds(1))
        let first = leases.others(than: 1) == 1 ? 1 : 2
        _ = leases.told(2, by: first, at: .seconds(1) + .milliseconds(5))
        #expect(leases.others(than: 3 - first) == 2)
        #expect(leases.nextDue == nil)
    }

    @Test("a connection that ends takes its count along, and has the slots looked at")
    func end() {
        var leases = SharedLeases(links: 2)
        let first = leases.told(3, by: 0, at: .zero)
        let second = leases.told(4, by: 0, at: .zero)
        let none = leases.told(0, by: 1, at: .zero)
        #expect(first && !second && !none)
        #expect(leases.others(than: 1) == 4)
        let had = leases.ended(0, at: .zero)
        #expect(had)
        #expect(leases.others(than: 1) == 0)
        #expect(leases.others(than: 0) == nil)
        let hadNone = !leases.ended(1, at: .zero)
        #expect(hadNone)
    }

    @Test("a sample says the most that the others had while it was taken, and not what those had who are gone")
    func peak() {
        var leases = SharedLeases(links: 3)
        #expect(leases.mostOfOthers(than: 0, since: .zero) == nil)
        _ = leases.told(1, by: 1, at: .seconds(10))
        _ = leases.told(3, by: 1, at: .seconds(20))
        _ = leases.told(2, by: 1, at: .seconds(30))
        _ = leases.told(5, by: 2, at: .seconds(30))
        #expect(leases.mostOfOthers(than: 0, since: .seconds(31)) == 7)
        #expect(leases.mostOfOthers(than: 0, since: .seconds(29)) == 8)
        #expect(leases.mostOfOthers(than: 1, since: .seconds(29)) == 5)
        _ = leases.ended(2, at: .seconds(32))
        #expect(leases.mostOfOthers(than: 0, since: .seconds(31)) == 2)
    }
}
