import SeededRandom
import Testing

@testable import ReverseProxy
@testable import Scheduling

@Suite("Which server has a conversation's answer")
struct ConversationHoldersTests {
    private static func upstream(_ number: Int) -> UpstreamID { UpstreamID(index: Int32(number), generation: 0) }

    @Test("the last one that it was sent to")
    func last() {
        var holders = ConversationHolders()
        #expect(holders.holder(of: [1]) == nil)
        holders.remember([1], on: Self.upstream(1))
        holders.remember([2], on: Self.upstream(2))
        holders.remember([1], on: Self.upstream(3))
        #expect(holders.holder(of: [1]) == Self.upstream(3))
        #expect(holders.holder(of: [2]) == Self.upstream(2))
        #expect(holders.count == 2)
    }

    @Test("what was not asked for longest is forgotten first")
    func bounded() {
        var holders = ConversationHolders(capacity: 2)
        for id in [1, 2] as [UInt8] { holders.remember([id], on: Self.upstream(Int(id))) }
        _ = holders.holder(of: [1])
        holders.remember([3], on: Self.upstream(3))
        #expect(holders.holder(of: [2]) == nil)
        #expect(holders.holder(of: [1]) == Self.upstream(1))
        #expect(holders.holder(of: [3]) == Self.upstream(3))
    }

    @Test("an id that is longer than any is not remembered")
    func long() {
        var holders = ConversationHolders()
        let id = Array(repeating: UInt8(1), count: 257)
        holders.remember(id, on: Self.upstream(1))
        #expect(holders.holder(of: id) == nil)
        holders.remember(id.dropLast(), on: Self.upstream(1))
        #expect(holders.holder(of: id.dropLast()) == Self.upstream(1))
    }

    @Test("at random it is as a list in order of use", arguments: 1...20)
    func random(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let capacity = Int(random.next() % 5) + 1
        var holders = ConversationHolders(capacity: capacity)
        var model: [(id: UInt8, upstream: UpstreamID)] = []
        for step in 0..<500 {
            let id = UInt8(random.next() % 8)
            let place = model.firstIndex { $0.id == id }
            if random.next() % 2 == 0 {
                holders.remember([id], on: Self.upstream(step))
                if let place { model.remove(at: place) }
                model.append((id, Self.upstream(step)))
                if model.count > capacity { model.removeFirst() }
            } else {
                #expect(holders.holder(of: [id]) == place.map { model[$0].upstream })
                if let place { model.append(model.remove(at: place)) }
            }
            #expect(holders.count == model.count)
        }
    }
}
